"""Forms of the area Review."""

from typing import Any, NamedTuple

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from judging.engine.routing import RANDOM_SHARE
from judging.models import ReviewMode
from judging.models.review_queue import LIMITS
from judging.selectors.rubrics import versions

MODES = (
    (ReviewMode.BLIND, _("Blind: nothing of judges or other people before the seal")),
    (ReviewMode.ASSISTED, _("Assisted: the judge's answers beside the transcript")),
    (ReviewMode.AUDIT, _("Audit: the judge's and other people's answers")),
)


OFF = _("0 to 1; 0 switches the rule off.")


class Group(NamedTuple):
    """Fields that belong together. ``folded`` ones are seldom changed: they are ``open`` where something in them is unusual or wrong."""

    title: str | Promise
    fields: list[forms.BoundField]
    folded: bool
    open: bool


GROUPS: tuple[tuple[str | Promise, bool, tuple[str, ...]], ...] = (
    (_("The queue"), False, ("name", "rubric", "mode", "guidelines")),
    (_("Who reviews"), False, ("overlap", "lease_minutes")),
    (_("What runs send"), False, ("active", "fail_share", "pass_share", "most_per_run")),
    (_("More rules"), True, ("disagree_share", "unsure_share", "unsure_below", "new_release_share", "random_share")),
    (_("Items that test reviewers"), True, ("gold_share", "repeat_share")),
)
"""Title, whether it is folded, fields."""


def _share(name: str, label: Any, initial: float, help_text: Any) -> forms.FloatField:
    least, most = LIMITS[name]
    return forms.FloatField(label=label, min_value=least, max_value=most, initial=initial, help_text=help_text)


def _count(name: str, label: Any, initial: int, help_text: Any = "") -> forms.IntegerField:
    least, most = LIMITS[name]
    return forms.IntegerField(label=label, min_value=int(least), max_value=int(most), initial=initial, help_text=help_text)


class QueueForm(forms.Form):
    """What can be changed of a queue while it is at work."""

    name = forms.CharField(label=_("Name"), max_length=200)
    guidelines = forms.CharField(
        label=_("Guidelines"), required=False, max_length=10_000, widget=forms.Textarea({"rows": 4}), help_text=_("Shown above every item.")
    )
    overlap = _count("overlap", _("People an item"), 1, _("Holds at once for every item that is not done."))
    lease_minutes = _count("lease_minutes", _("Minutes of lease"), 20, _("How long an item is kept for somebody who is away."))
    active = forms.BooleanField(label=_("Runs send episodes here by themselves"), required=False)
    fail_share = _share("fail_share", _("Share of failed episodes"), 1, _("0 to 1."))
    pass_share = _share("pass_share", _("Share of passed episodes"), 0.1, _("0 to 1, drawn at random."))
    most_per_run = _count("most_per_run", _("Most items of one run"), 60)
    disagree_share = _share(
        "disagree_share",
        _("Share where judges disagree"),
        1,
        _("Two kinds of judge, or the members of a panel on a hard criterion. 0 to 1; 0 switches the rule off."),
    )
    unsure_share = _share("unsure_share", _("Share of passes with a low score"), 0, OFF)
    unsure_below = _share("unsure_below", _("A score is low below"), 4, _("Overall, 0 to 5."))
    new_release_share = _share(
        "new_release_share",
        _("Share of passes of a new release"),
        0,
        _("0 to 1, of a release of which the queue has had nothing from an earlier run; 0 switches the rule off."),
    )
    random_share = _share(
        "random_share",
        _("Least share of random passes"),
        RANDOM_SHARE,
        _("Of all that is sent, 0.15 to 1: or nobody would see what judges let through."),
    )
    gold_share = _share(
        "gold_share",
        _("Share of gold items"),
        0.05,
        _("Of what a reviewer gets, 0 to 0.5: items whose truth is known. Only where people review blind."),
    )
    repeat_share = _share(
        "repeat_share", _("Share of repeated items"), 0.03, _("Of what a reviewer gets, 0 to 0.5: items that they reviewed before.")
    )

    def groups(self) -> list[Group]:
        """The fields as the page draws them."""
        found = []
        for title, folded, names in GROUPS:
            fields = [self[name] for name in names if name in self.fields]
            found.append(Group(title, fields, folded, any(field.errors or _unusual(field) for field in fields)))
        return found


def _unusual(field: forms.BoundField) -> bool:
    """Whether a number is another one than that with which queues begin."""
    try:
        return bool(float(field.value()) != field.field.initial)
    except (TypeError, ValueError):
        return True


class NewQueueForm(QueueForm):
    """What is chosen once and for all beside it."""

    mode = forms.ChoiceField(label=_("Mode"), choices=MODES)
    rubric = forms.TypedChoiceField(label=_("Rubric"), coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.versions = {version.pk: version for version in versions()}
        rubric = self.fields["rubric"]
        assert isinstance(rubric, forms.TypedChoiceField)
        rubric.choices = [(pk, f"{version.rubric.name} #{version.number}") for pk, version in self.versions.items()]


class AddForm(forms.Form):
    """Episodes to send: some of a run, or named ones."""

    run = forms.IntegerField(label=_("Run"), required=False, min_value=1, max_value=2**63 - 1)
    number = forms.IntegerField(
        label=_("How many of it"), required=False, min_value=1, max_value=1000, initial=20, help_text=_("Judged episodes, drawn at random.")
    )
    episodes = forms.RegexField(
        r"^[\d\s,]*$", label=_("Or episodes by number"), required=False, max_length=2000, help_text=_("For instance 12, 15.")
    )

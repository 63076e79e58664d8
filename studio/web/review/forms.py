"""Forms of the area Review."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from judging.engine.routing import RANDOM_SHARE
from judging.models import ReviewMode
from judging.selectors.rubrics import versions

MODES = (
    (ReviewMode.BLIND, _("Blind: nothing of judges or other people before the seal")),
    (ReviewMode.ASSISTED, _("Assisted: the judge's answers beside the transcript")),
    (ReviewMode.AUDIT, _("Audit: the judge's and other people's answers")),
)


class QueueForm(forms.Form):
    """What can be changed of a queue while it is at work."""

    name = forms.CharField(label=_("Name"), max_length=200)
    guidelines = forms.CharField(
        label=_("Guidelines"), required=False, max_length=10_000, widget=forms.Textarea({"rows": 4}), help_text=_("Shown above every item.")
    )
    overlap = forms.IntegerField(
        label=_("People an item"), min_value=1, max_value=9, initial=1, help_text=_("Holds at once for every item that is not done.")
    )
    lease_minutes = forms.IntegerField(
        label=_("Minutes of lease"),
        min_value=1,
        max_value=480,
        initial=20,
        help_text=_("How long an item is kept for somebody who is away."),
    )
    gold_share = forms.FloatField(
        label=_("Share of gold items"),
        min_value=0,
        max_value=0.5,
        initial=0.05,
        help_text=_("Of what a reviewer gets, 0 to 0.5: items whose truth is known. Only where people review blind."),
    )
    repeat_share = forms.FloatField(
        label=_("Share of repeated items"),
        min_value=0,
        max_value=0.5,
        initial=0.03,
        help_text=_("Of what a reviewer gets, 0 to 0.5: items that they reviewed before."),
    )
    active = forms.BooleanField(label=_("Runs send episodes here by themselves"), required=False)
    fail_share = forms.FloatField(label=_("Share of failed episodes"), min_value=0, max_value=1, initial=1, help_text=_("0 to 1."))
    pass_share = forms.FloatField(
        label=_("Share of passed episodes"),
        min_value=0,
        max_value=1,
        initial=0.1,
        help_text=_("0 to 1, drawn at random."),
    )
    random_share = forms.FloatField(
        label=_("Least share of random passes"),
        min_value=RANDOM_SHARE,
        max_value=1,
        initial=RANDOM_SHARE,
        help_text=_("Of all that is sent, 0.15 to 1: or nobody would see what judges let through."),
    )
    disagree_share = forms.FloatField(
        label=_("Share where judges disagree"), min_value=0, max_value=1, initial=1, help_text=_("0 to 1; 0 switches the rule off.")
    )
    unsure_share = forms.FloatField(
        label=_("Share of passes with a low score"), min_value=0, max_value=1, initial=0, help_text=_("0 to 1; 0 switches the rule off.")
    )
    unsure_below = forms.FloatField(label=_("A score is low below"), min_value=0, max_value=5, initial=4, help_text=_("Overall, 0 to 5."))
    new_release_share = forms.FloatField(
        label=_("Share of passes of a new release"),
        min_value=0,
        max_value=1,
        initial=0,
        help_text=_("0 to 1, of a release of which the queue has had nothing from an earlier run; 0 switches the rule off."),
    )
    most_per_run = forms.IntegerField(label=_("Most items of one run"), min_value=1, max_value=10_000, initial=60)


class NewQueueForm(QueueForm):
    """What is chosen once and for all beside it."""

    mode = forms.ChoiceField(label=_("Mode"), choices=MODES)
    rubric = forms.TypedChoiceField(label=_("Rubric"), coerce=int)

    field_order = ("name", "rubric", "mode")

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

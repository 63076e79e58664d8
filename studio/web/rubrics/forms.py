"""A draft as fields."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from judging.engine.checks.registry import CHECKS
from judging.engine.rubric import Criterion, Rubric, RubricError, rubric_from
from judging.engine.rubric_lint import RUBRIC_SLUG, SLUG
from studio.web.rubrics.words import APPLIES

MOST = 60
"""Criteria in a form."""
VALUES = range(5, -1, -1)


class Plain(forms.Form):
    """Labels as they are, without a colon."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})


class NewForm(Plain):
    """Another rubric."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    slug = forms.RegexField(
        label=gettext_lazy("Name for links"),
        regex=RUBRIC_SLUG.pattern.replace(r"\Z", r"$"),
        max_length=80,
        help_text=gettext_lazy("Small letters, digits, dashes and underscores, beginning with a letter."),
    )


class HeadForm(Plain):
    """What the rubric is called."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    description = forms.CharField(label=gettext_lazy("Description"), required=False, widget=forms.Textarea(attrs={"rows": 2}))


class CriterionForm(Plain):
    """One criterion. ``caps`` are lines like ``final_state: 0``; ``grades`` ids of checks with commas."""

    id = forms.RegexField(label=gettext_lazy("Id"), regex=SLUG.pattern.replace(r"\Z", r"$"), max_length=80)
    question = forms.CharField(label=gettext_lazy("Question"), widget=forms.Textarea(attrs={"rows": 2}))
    weight = forms.FloatField(label=gettext_lazy("Weight"), min_value=0.001, max_value=1000, initial=1)
    answered_by = forms.ChoiceField(
        label=gettext_lazy("Answered by"),
        choices=[("judge", gettext_lazy("a judge or people")), ("check", gettext_lazy("checks"))],
        initial="judge",
    )
    applies_when = forms.ChoiceField(label=gettext_lazy("Applies"), choices=list(APPLIES.items()), initial="always")
    hard = forms.BooleanField(label=gettext_lazy("Hard: a score below the mark rejects the episode"), required=False)
    pass_at = forms.FloatField(label=gettext_lazy("Passes at"), min_value=0, max_value=5, initial=3)
    evidence = forms.BooleanField(label=gettext_lazy("Evidence is wanted"), required=False, initial=True)
    a5 = forms.CharField(label="5", max_length=2000)
    a4 = forms.CharField(label="4", max_length=2000, required=False)
    a3 = forms.CharField(label="3", max_length=2000, required=False)
    a2 = forms.CharField(label="2", max_length=2000, required=False)
    a1 = forms.CharField(label="1", max_length=2000, required=False)
    a0 = forms.CharField(label="0", max_length=2000)
    caps = forms.CharField(
        label=gettext_lazy("At most, when a check is broken"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text=gettext_lazy("A line for each check, such as final_state: 0."),
    )
    grades = forms.CharField(label=gettext_lazy("Checks of degree"), required=False, help_text=gettext_lazy("Ids of checks, with commas."))

    def clean_caps(self) -> dict[str, float]:
        """Lines as {check: most that is left}."""
        found: dict[str, float] = {}
        for line in self.cleaned_data["caps"].splitlines():
            if not line.strip():
                continue
            check, _colon, cap = line.partition(":")
            try:
                found[check.strip()] = float(cap)
            except ValueError:
                raise ValidationError(_("Write a check, a colon and a number from 0 to 5.")) from None
        return found

    def clean_grades(self) -> list[str]:
        """Ids of checks."""
        return [check.strip() for check in self.cleaned_data["grades"].split(",") if check.strip()]

    def clean(self) -> dict[str, Any]:
        """What the reader of rubrics would refuse is said here."""
        super().clean()
        if not self.errors and self.has_changed():
            try:
                rubric_from({"slug": "x", "name": "x", "description": "", "criteria": [_body(self.cleaned_data)]}, frozenset(CHECKS))
            except RubricError as error:
                raise ValidationError(str(error)) from error
        return self.cleaned_data

    def anchor_fields(self) -> list[Any]:
        """The fields of the anchors, from the best down."""
        return [self[f"a{value}"] for value in VALUES]


if TYPE_CHECKING:
    Base = forms.BaseFormSet[CriterionForm]
else:
    Base = forms.BaseFormSet


class BaseCriterionForms(Base):
    """Criteria in their order. Ids differ."""

    def clean(self) -> None:
        """Ids must differ, and there must be one."""
        ids = [form.cleaned_data["id"] for form in kept(self) if form.is_valid()]
        if len(set(ids)) < len(ids):
            raise ValidationError(_("Two criteria have the same id."))
        if not ids and not any(self.errors):
            raise ValidationError(_("A rubric asks at least one thing."))


CriterionForms = forms.formset_factory(
    CriterionForm,
    formset=BaseCriterionForms,
    extra=1,
    can_order=True,
    can_delete=True,
    max_num=MOST,
    absolute_max=MOST + 1,
    validate_max=True,
)


def kept(forms_of: Any) -> list[CriterionForm]:
    """The forms that hold a criterion and are not to go."""
    return [f for f in forms_of.forms if f.has_changed() and not forms_of._should_delete_form(f)]


def form_of(rubric: Rubric) -> tuple[HeadForm, Any]:
    """A rubric as forms."""
    head = HeadForm(initial={"name": rubric.name, "description": rubric.description})
    return head, CriterionForms(initial=[_fields(criterion) for criterion in rubric.criteria], prefix="c")


def rubric_from_forms(slug: str, head: HeadForm, criteria: Any) -> Rubric:
    """The rubric that valid forms hold; criteria in the order that was given, new ones last."""
    rows = [form.cleaned_data for form in criteria.forms if form.cleaned_data.get("id") and not form.cleaned_data.get("DELETE")]
    rows.sort(key=lambda row: row.get("ORDER") or MOST + 1)
    body = {**head.cleaned_data, "slug": slug, "criteria": [_body(row) for row in rows]}
    return rubric_from(body, frozenset(CHECKS))


def _fields(criterion: Criterion) -> dict[str, Any]:
    fields: dict[str, Any] = {
        name: getattr(criterion, name) for name in criterion.__struct_fields__ if name not in {"scale", "caps", "grades"}
    }
    fields |= {f"a{value}": criterion.scale.get(value, "") for value in VALUES}
    fields["caps"] = "\n".join(f"{check}: {cap:g}" for check, cap in criterion.caps.items())
    fields["grades"] = ", ".join(criterion.grades)
    return fields


def _body(row: dict[str, Any]) -> dict[str, Any]:
    plain = ("id", "question", "weight", "hard", "pass_at", "applies_when", "evidence", "answered_by", "caps", "grades")
    scale = {value: row[f"a{value}"] for value in VALUES if row[f"a{value}"]}
    question = row["question"].replace("\r\n", "\n")
    return {**{name: row[name] for name in plain}, "question": question, "scale": scale}

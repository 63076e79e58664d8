"""What to judge again, and by whom."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from judging.selectors import rubrics
from judging.selectors.rejudging import cells_of
from synthesis.models import Run
from synthesis.selectors import endpoints


class AgainForm(forms.Form):
    """Judges and rubric as in the launcher; which episodes."""

    judges = forms.MultipleChoiceField(
        label=_("Judges"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("One model, or several as a panel, within the bounds of the checks. None chosen: the checks alone."),
    )
    rubric = forms.ChoiceField(label=_("Rubric"), required=False)
    verdict = forms.ChoiceField(
        label=_("Verdict so far"), required=False, choices=[("", _("all")), ("passed", _("passed")), ("failed", _("failed"))]
    )
    domain = forms.ChoiceField(label=_("Domain"), required=False)
    variation = forms.ChoiceField(label=_("Variation"), required=False)

    def __init__(self, run: Run, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        domains, variations = cells_of(run.pk)
        offered: dict[str, list[Any]] = {
            "judges": [(row.slug, f"{row.slug}: {row.model}") for row in endpoints.for_purpose("judge")],
            "rubric": [
                ("", _("as scenarios and domains say")),
                *((version.digest, f"{version.rubric.name} ({version.number})") for version in rubrics.versions()),
            ],
            "domain": [("", _("all")), *((name, name) for name in domains)],
            "variation": [("", _("all")), *((name, name.replace("_", " ")) for name in variations)],
        }
        for name, choices in offered.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices
        if judge := endpoints.default_cast().get("judge"):
            self.fields["judges"].initial = [judge]

    def filters(self) -> dict[str, str]:
        """What is chosen of the run."""
        return {name: value for name in ("verdict", "domain", "variation") if (value := self.cleaned_data.get(name))}

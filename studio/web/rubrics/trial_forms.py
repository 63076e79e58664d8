"""What to try with a model judge, and who words a question anew."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from judging.selectors.rubric_trial import NUMBER
from studio.pipelines.launching import millionths
from studio.pipelines.trial_plans import MOST
from synthesis.selectors import endpoints


class TrialForm(forms.Form):
    """Who judges, how many episodes, what it may cost."""

    judges = forms.MultipleChoiceField(
        label=_("Judges"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose a model that is to judge, or several as a panel.")},
    )
    number = forms.IntegerField(label=_("Episodes"), min_value=1, max_value=MOST, initial=NUMBER)
    budget = forms.DecimalField(
        label=_("Budget"),
        min_value=0,
        max_digits=15,
        decimal_places=6,
        required=False,
        help_text=_("In the currency of the endpoints; then it stops. Empty: the upper end of what is foreseen."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.able = [(row.slug, f"{row.slug}: {row.model}") for row in endpoints.for_purpose("judge")]
        self.fields["judges"].choices = self.able  # type: ignore[attr-defined]

    @property
    def budget_given(self) -> int | None:
        """The budget in millionths, or None. Only of a valid form."""
        return millionths(self.cleaned_data["budget"])


class WordingForm(TrialForm):
    """The same, and who words the question anew. The episodes are the disputed ones."""

    author = forms.ChoiceField(label=_("Who words it anew"))
    field_order = ("author", "judges", "budget")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["number"]
        self.authors = [(row.slug, f"{row.slug}: {row.model}") for row in endpoints.for_purpose("author")]
        self.fields["author"].choices = self.authors  # type: ignore[attr-defined]


class BudgetForm(forms.Form):
    """Another budget, or none."""

    budget = forms.DecimalField(min_value=0, max_digits=15, decimal_places=6, required=False)

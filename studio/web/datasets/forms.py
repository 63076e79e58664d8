"""The rule of a dataset as a form: what the what-if asks and what is saved."""

from collections.abc import Sequence

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from judging.engine.filters import Rule
from judging.engine.formats.registry import FORMATS
from judging.selectors.datasets import criteria_of
from studio.web.runs.forms import LANGUAGE_NAMES
from synthesis.engine.scenarios.scenario import VARIATIONS
from synthesis.models import Run
from synthesis.selectors import endpoints
from synthesis.selectors.runs import run_list, runs_of

MOST_RUNS = 30
FLOOR = "floor_"


class Slider(forms.NumberInput):
    """A slider. ``static/js/datasets/slider.js`` shows its value beside it; without scripts the answer names it."""

    input_type = "range"


class RuleForm(forms.Form):
    """Runs, threshold, floors, what is asked about. Read from a query string or a POST alike; what is missing stands at its default."""

    runs = forms.MultipleChoiceField(label=_("Runs"), widget=forms.CheckboxSelectMultiple)
    threshold = forms.FloatField(
        label=_("Threshold"),
        min_value=0,
        max_value=5,
        required=False,
        widget=Slider(attrs={"step": "0.1"}),
        help_text=_("Least overall quality of a kept episode, 0 to 5."),
    )
    duplicates = forms.BooleanField(label=_("Keep duplicates"), required=False)
    failed = forms.BooleanField(label=_("Keep episodes that failed their checks"), required=False)
    reviewed = forms.BooleanField(label=_("Only episodes that somebody has reviewed"), required=False)
    domains = forms.MultipleChoiceField(label=_("Domains"), required=False, widget=forms.CheckboxSelectMultiple)
    variations = forms.MultipleChoiceField(
        label=_("Variations"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(name, name.replace("_", " ")) for name in VARIATIONS],
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages"), required=False, widget=forms.CheckboxSelectMultiple, choices=list(LANGUAGE_NAMES.items())
    )

    meaning = forms.ChoiceField(
        label=_("Compare meaning by"),
        required=False,
        help_text=_("Finds what says the same in other words. Texts that are new to the endpoint cost what the answer says."),
    )
    alike = forms.FloatField(
        label=_("Alike from"), min_value=0.5, max_value=1, required=False, help_text=_("Cosine of two conversations, 0.5 to 1.")
    )

    def __init__(self, data: QueryDict, offered: Sequence[Run]) -> None:
        super().__init__(data)
        meaning = self.fields["meaning"]
        assert isinstance(meaning, forms.ChoiceField)
        able = endpoints.for_purpose("embeddings")
        meaning.choices = [("", _("nobody")), *((row.slug, f"{row.slug}: {row.model}") for row in able)]
        self.with_meaning = bool(able)
        self.said = data
        self.offered = {str(run.pk): run for run in offered}
        domains = sorted({slug for run in offered for slug in run.releases})
        for name, choices in (("runs", [(pk, run) for pk, run in self.offered.items()]), ("domains", [(slug, slug) for slug in domains])):
            field = self.fields[name]
            assert isinstance(field, forms.MultipleChoiceField)
            field.choices = choices
        # Of the chosen ones: others may have been judged by other rubrics.
        chosen = [self.offered[pk] for pk in data.getlist("runs") if pk in self.offered]
        self.criteria = criteria_of(chosen or offered[:1])
        for slug, question in self.criteria:
            self.fields[FLOOR + slug] = forms.FloatField(
                label=slug.replace("_", " "), help_text=question, min_value=0, max_value=5, required=False
            )

    @property
    def floors(self) -> list[forms.BoundField]:
        """The fields of the floors."""
        return [self[FLOOR + slug] for slug, _question in self.criteria]

    @property
    def floors_set(self) -> bool:
        """Whether any floor was said."""
        return any(field.value() for field in self.floors)

    @property
    def scopes(self) -> list[forms.BoundField]:
        """The fields that say which episodes are asked about at all."""
        return [self[name] for name in ("domains", "variations", "languages")]

    def runs_chosen(self) -> list[Run]:
        """The runs that are asked about."""
        return [self.offered[pk] for pk in self.cleaned_data["runs"]]

    def rule(self) -> Rule:
        """The rule that the form says."""
        said = self.cleaned_data
        floors = {slug: said[FLOOR + slug] for slug, _question in self.criteria if said.get(FLOOR + slug)}
        return Rule(
            threshold=4.5 if said["threshold"] is None else said["threshold"],
            passed_only=not said["failed"],
            duplicates=said["duplicates"],
            floors=floors,
            domains=said["domains"],
            variations=said["variations"],
            languages=said["languages"],
            reviewed=said["reviewed"],
            meaning=said["meaning"],
            alike=Rule().alike if said["alike"] is None else said["alike"],
        )


class FormatsForm(forms.Form):
    """In which formats files are wanted."""

    formats = forms.MultipleChoiceField(
        label=_("File formats"),
        widget=forms.CheckboxSelectMultiple,
        choices=[(form.name, form.file) for form in FORMATS.values()],
        initial=["openai"],
        error_messages={"required": _("Choose at least one format.")},
    )


class MakeForm(FormatsForm):
    """Under which name a rule is saved, and which files are wanted."""

    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        help_text=_("A name that is there already gets a new version of its dataset."),
        error_messages={"required": _("Give the dataset a name.")},
    )
    field_order = ("name", "formats")


def runs_offered(chosen: Sequence[str]) -> list[Run]:
    """The newest runs that have judged episodes, and those that a link chose."""
    newest = [run for run in run_list(limit=2 * MOST_RUNS) if run.counts.get("judged")][:MOST_RUNS]
    known = {run.pk for run in newest}
    asked = [int(pk) for pk in chosen if pk.isascii() and pk.isdigit() and len(pk) < 10]
    return newest + runs_of([pk for pk in asked if pk not in known][:MOST_RUNS])

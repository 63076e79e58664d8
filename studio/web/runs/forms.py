"""The form of the launcher."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from studio.pipelines.pace import SLOWEST
from synthesis.engine.scenarios.scenario import VARIATIONS
from synthesis.selectors import catalog
from synthesis.services.runs import MOST_EPISODES

LANGUAGE_NAMES = {"en": _("English"), "ko": _("Korean")}


class LaunchForm(forms.Form):
    """What, who, how much, how strict."""

    domains = forms.MultipleChoiceField(
        label=_("Domains"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("None chosen means all of them.")
    )
    variations = forms.MultipleChoiceField(
        label=_("Variations"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(name, name.replace("_", " ")) for name in VARIATIONS],
        help_text=_("How scenarios depart from the plain case. None chosen means all of them."),
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages of the personas"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen means all of them."),
    )
    episodes = forms.IntegerField(label=_("Episodes"), min_value=1, max_value=MOST_EPISODES, initial=50)
    seed = forms.IntegerField(
        label=_("Seed"), initial=0, min_value=-(2**63), max_value=2**63 - 1, help_text=_("The same seed gives the same episodes.")
    )
    slips = forms.FloatField(
        label=_("Share of slips"),
        min_value=0,
        max_value=1,
        initial=0,
        help_text=_("In how many episodes the agent makes a mistake on purpose: 0 for none, 0.2 for every fifth."),
    )
    threshold = forms.FloatField(
        label=_("Threshold"), min_value=0, max_value=5, initial=4.5, help_text=_("Least quality of a kept episode, 0 to 5.")
    )
    pace = forms.FloatField(
        label=_("Pace"),
        min_value=0,
        max_value=SLOWEST,
        initial=0,
        help_text=_("Seconds before every move, to watch scripted episodes. 0: as fast as the machine can."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        domains = [(slug, release.domain.name) for slug, release in catalog.active_releases().items()]
        spoken = sorted({persona.language for persona in catalog.personas()})
        for name, choices in (("domains", domains), ("languages", [(code, LANGUAGE_NAMES.get(code, code)) for code in spoken])):
            field = self.fields[name]
            assert isinstance(field, forms.MultipleChoiceField)
            field.choices = choices

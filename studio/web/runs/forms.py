"""The form of the launcher."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from judging.selectors import rubrics
from studio.pipelines.pace import SLOWEST
from synthesis.engine.participants.cast import MODEL, PROFILE
from synthesis.engine.participants.factory import begins
from synthesis.engine.scenarios.scenario import VARIATIONS
from synthesis.models import Release
from synthesis.selectors import catalog, endpoints
from synthesis.selectors.simulators import left_out
from synthesis.services.runs import MOST_EPISODES
from synthesis.services.seats import MOST_PLAYS, PURPOSES

MOST_HANDS = 256
SCRIPTED_SEATS = {"user": _("scripted"), "agent": _("scripted"), "tools": _("programs of the release")}
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
    personas = forms.MultipleChoiceField(
        label=_("Personas"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("None chosen means all active ones.")
    )
    agents = forms.MultipleChoiceField(
        label=_("Agents"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Chosen ones play as they stand. None chosen: the factory varies all active profiles."),
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
    teams = forms.FloatField(
        label=_("Share of teams"),
        min_value=0,
        max_value=1,
        required=False,
        initial=0,
        help_text=_("In how many episodes agents with colleagues serve, who hand the conversation over. 0: none, 1: every one."),
    )
    two_domains = forms.FloatField(
        label=_("Share over two domains"),
        min_value=0,
        max_value=1,
        required=False,
        initial=0,
        help_text=_(
            "In how many scenarios the user also wants something of another chosen domain, whose agent serves. 0: none, 1: all that can."
        ),
    )
    threshold = forms.FloatField(
        label=_("Threshold"), min_value=0, max_value=5, initial=4.5, help_text=_("Least quality of a kept episode, 0 to 5.")
    )
    concurrency = forms.IntegerField(
        label=_("Workers at a time"),
        min_value=1,
        max_value=MOST_HANDS,
        required=False,
        help_text=_("How many may play it side by side. Empty: all there are."),
    )
    pace = forms.FloatField(
        label=_("Pace"),
        min_value=0,
        max_value=SLOWEST,
        initial=0,
        help_text=_("Seconds before every move, to watch scripted episodes. 0: as fast as the machine can."),
    )

    user_seat = forms.ChoiceField(label=_("User"), initial="scripted", required=False)
    agent_seat = forms.ChoiceField(label=_("Agent"), initial="scripted", required=False)
    tools_seat = forms.ChoiceField(
        label=_("Tools"), initial="scripted", required=False, help_text=_("A model answers only for tools that have no program.")
    )
    simulate = forms.BooleanField(
        label=_("Simulate every tool"),
        required=False,
        help_text=_("The model answers for tools with programs, too: slower, dearer, and no better than the model."),
    )
    rivals = forms.MultipleChoiceField(
        label=_("Compare with"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Further agents that play every scenario as well, with the same users and seeds."),
    )
    plays = forms.IntegerField(
        label=_("Plays of each scenario"),
        min_value=1,
        max_value=MOST_PLAYS,
        initial=1,
        required=False,
        help_text=_("By each agent, with other users and seeds: tells how reliably it is solved (pass^k). All plays count as episodes."),
    )
    judges = forms.MultipleChoiceField(
        label=_("Judges"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Checks always judge. One model beside them decides within their bounds; several do as a panel."),
    )
    rubric = forms.ChoiceField(
        label=_("Rubric"),
        required=False,
        help_text=_("Its newest version is asked of every episode. None chosen: what scenarios and domains want."),
    )
    budget = forms.DecimalField(
        label=_("Budget"),
        min_value=Decimal("0.000001"),
        max_digits=15,
        decimal_places=6,
        required=False,
        help_text=_("What all models of the run may cost, in the currency of their endpoints; then it pauses. Empty: no limit."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        personas, profiles, releases = catalog.personas(), catalog.agent_profiles(), catalog.active_releases()
        self.left_out = left_out(releases)
        """What domains lose where no model takes the tools' seat, by slug."""
        spoken = sorted({persona.language for persona in personas})
        choices: dict[str, Any] = {
            "domains": _by_category(releases),
            "languages": [(code, LANGUAGE_NAMES.get(code, code)) for code in spoken],
            "personas": [(persona.slug, f"{persona.name} ({persona.language})") for persona in personas],
            "agents": [(agent.slug, f"{agent.slug}: {agent.role}") for agent in profiles],
        }
        for name, offered in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.MultipleChoiceField)
            field.choices = offered
        self._offer_judges()
        self._offer_seats([(f"{PROFILE}{agent.slug}", f"{agent.slug}: {agent.role}") for agent in profiles if begins(agent)])

    def _offer_seats(self, profiles: list[tuple[str, str]]) -> None:
        rivals = self.fields["rivals"]
        assert isinstance(rivals, forms.MultipleChoiceField)
        self.with_models = False
        for seat, role in PURPOSES.items():
            field = self.fields[f"{seat}_seat"]
            assert isinstance(field, forms.ChoiceField)
            models = [(f"{MODEL}{row.slug}", f"{row.slug}: {row.model}") for row in endpoints.for_purpose(role)]
            field.choices = [("scripted", SCRIPTED_SEATS[seat]), *models]
            if seat == "agent":
                rivals.choices = [*field.choices, *profiles]
                field.choices = [*field.choices, (_("Scripted, as one of the profiles"), profiles)]
            self.with_models = self.with_models or bool(models)

    def _offer_judges(self) -> None:
        judges, rubric = self.fields["judges"], self.fields["rubric"]
        assert isinstance(judges, forms.MultipleChoiceField)
        assert isinstance(rubric, forms.ChoiceField)
        judging = [(row.slug, f"{row.slug}: {row.model}") for row in endpoints.for_purpose("judge")]
        judges.choices, self.with_judges = judging, bool(judging)
        newest: dict[str, Any] = {}
        chosen = str(self["rubric"].value() or "")
        for version in rubrics.versions():
            newest.setdefault(version.rubric.slug, (version.rubric.slug, f"{version.rubric.name} ({version.number})"))
            if version.digest == chosen:
                newest[chosen] = (chosen, f"{version.rubric.name} ({version.number})")
        rubric.choices = [("", _("as scenarios and domains say")), *newest.values()]

    def clean(self) -> dict[str, Any]:
        """A seat about which nothing is said is scripted."""
        cleaned: dict[str, Any] = super().clean() or {}
        for seat in PURPOSES:
            name = f"{seat}_seat"
            if name in cleaned:
                cleaned[name] = cleaned[name] or "scripted"
        return cleaned

    def clean_simulate(self) -> str:
        """What is simulated beside tools without programs."""
        return "all" if self.cleaned_data["simulate"] else ""

    def clean_teams(self) -> float:
        """None of them where nothing is said."""
        return self.cleaned_data["teams"] or 0.0

    def clean_two_domains(self) -> float:
        """None of them where nothing is said."""
        return self.cleaned_data["two_domains"] or 0.0

    def clean_plays(self) -> int:
        """Once, where nothing is said."""
        return self.cleaned_data["plays"] or 1

    def clean_concurrency(self) -> int:
        """0 for as many as there are."""
        return self.cleaned_data["concurrency"] or 0


def _by_category(releases: Mapping[str, Release]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The domains under their key categories, both in order."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for slug, release in sorted(releases.items(), key=lambda item: (item[1].domain.category, item[0])):
        groups.setdefault(release.domain.category.split("/")[0], []).append((slug, release.domain.name))
    return list(groups.items())

"""Who may be cast in a run, and who sits in its seats."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

import msgspec

from synthesis.engine.episode.plan import Slot, has_second
from synthesis.engine.participants.cast import AgentProfile, Cast, Persona, profile_of
from synthesis.engine.participants.factory import sample_cast, team_of
from synthesis.models import Run
from synthesis.selectors import catalog
from synthesis.services.run_error import RunError
from synthesis.services.seats import SCRIPTED


class Casting(NamedTuple):
    """Who may be cast in a run, and what was asked for: only what is not everybody."""

    personas: Sequence[Persona]
    agents: Sequence[AgentProfile]
    varied: bool
    asked: dict[str, list[str]]
    everybody: Sequence[AgentProfile] = ()

    @classmethod
    def of(cls, languages: Sequence[str], personas: Sequence[str], agents: Sequence[str]) -> "Casting":
        """Choose among the active ones. Raises RunError."""
        everybody, profiles = catalog.personas(), catalog.agent_profiles()
        if not everybody or not profiles:
            raise RunError("catalogue", "there are no personas or no agent profiles", "Install them: ./bin/studio manage install_catalog")
        spoken = [persona for persona in everybody if not languages or persona.language in languages]
        if not spoken:
            raise RunError("--languages", f"no persona speaks {', '.join(languages)}", "Choose another language.")
        asked = {"languages": list(languages), "personas": list(personas), "agents": list(agents)}
        return cls(
            _named("personas", spoken, personas),
            _named("agents", profiles, agents),
            not agents,
            {name: chosen for name, chosen in asked.items() if chosen},
            profiles,
        )

    def lead_teams(self) -> bool:
        """Whether anybody among the agents would lead a team."""
        return any(team_of(agent, self.everybody) for agent in self.agents)

    def drawn(self, run: Run, slot: Slot) -> tuple[Cast, str | None]:
        """The cast of an episode of ``run``, and the slip that its agent is to make."""
        second = has_second(run.seed, slot.index // run.each, slot.variation, float(run.options.get("two_domains", 0.0)))
        cast, slip = sample_cast(
            run.seed,
            slot.draw,
            self.personas,
            self.agents,
            run.slip_rate,
            varied=self.varied,
            teams=float(run.options.get("teams", 0.0)),
            everybody=self.everybody,
            second=second,
        )
        return self._seated(cast, run.seats, run.agents[slot.agent], second), slip

    def _seated(self, cast: Cast, seats: Mapping[str, str], agent: str, second: bool) -> Cast:
        """``cast`` with these ``seats`` and this ``agent`` in its own: a profile that is named plays as it stands, with its colleagues."""
        slug = profile_of(agent)
        if not slug:
            return msgspec.structs.replace(cast, seats={**seats, "agent": agent})
        profile = next(one for one in self.everybody if one.slug == slug)
        team = cast.team if second else team_of(profile, self.everybody)
        return msgspec.structs.replace(cast, seats={**seats, "agent": SCRIPTED["agent"]}, agent=profile, team=team)


P = TypeVar("P", Persona, AgentProfile)


def _named(place: str, people: Sequence[P], slugs: Sequence[str]) -> Sequence[P]:
    """Those of ``people`` with these slugs, all without any. Raises RunError for one that is not there."""
    missing = sorted(set(slugs) - {somebody.slug for somebody in people})
    if missing:
        raise RunError(
            f"--{place}", f"nobody active with these languages is called {', '.join(missing)}", "Choose others, or let them play again."
        )
    return [somebody for somebody in people if not slugs or somebody.slug in slugs]

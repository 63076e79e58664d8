"""The case before the judge: one finished episode with everything that checks may look at, and nothing that they may not.

Truth about slips is not part of it.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import msgspec

from judging.engine.excuses import finds_its_own_way, with_excuses
from judging.engine.gold import Gold, Matched, match_gold
from synthesis.engine.episode.ports import Verification, VerifiedCall
from synthesis.engine.episode.trajectory import Call, Message, Trajectory
from synthesis.engine.language.values import mentions
from synthesis.engine.packs.model import Intent, Pack, Tool
from synthesis.engine.participants.cast import Cast
from synthesis.engine.participants.team import Team
from synthesis.engine.scenarios.scenario import Fact, Scenario, Wish


class Case:
    """One episode: its scenario, the packs of the scenario's worlds by slug, the trajectory, and the verification of its calls."""

    def __init__(self, scenario: Scenario, packs: Mapping[str, Pack], trajectory: Trajectory, verification: Verification) -> None:
        self.scenario, self.packs, self.trajectory, self.verification = scenario, packs, trajectory, verification

    @property
    def pack(self) -> Pack:
        """The pack of the scenario's own domain."""
        return self.packs[self.scenario.domain]

    @property
    def serving(self) -> list[Pack]:
        """The packs of the domains in which wishes are served, the own one first."""
        return [self.packs[domain] for domain in self.scenario.domains]

    def intent(self, wish: Wish) -> Intent | None:
        """What a wish was bound from."""
        return self.packs[self.scenario.domain_of(wish)].intents.get(wish.intent)

    def offered_as(self, step: Matched) -> str:
        """The name under which the tool of a gold step is offered; its own where it is not."""
        return self._names[step.wish].get(step.step.tool, step.step.tool)

    @cached_property
    def _names(self) -> list[dict[str, str]]:
        return [self.scenario.offered_names(self.scenario.domain_of(wish)) for wish in self.scenario.wishes]

    @cached_property
    def language(self) -> str:
        """The user's language, from the cast in the log."""
        return str(self.trajectory.opening.get("cast", {}).get("persona", {}).get("language", "en"))

    @cached_property
    def offered(self) -> dict[str, Tool]:
        """The tools offered to the agent, by offered name."""
        return {o.name: self.packs[o.domain].tools[o.tool] for o in self.scenario.tools}

    @cached_property
    def user_tools(self) -> dict[str, Tool]:
        """The tools of the user's own side, by name."""
        return {o.name: self.packs[o.domain].tools[o.tool] for o in self.scenario.user_tools}

    @cached_property
    def team(self) -> Team | None:
        """The team that served, from the cast in the log; None where one agent had every tool."""
        cast = self.trajectory.opening.get("cast")
        return Team.of(msgspec.convert(cast, Cast), self.scenario, self.packs) if cast and cast.get("team") else None

    @cached_property
    def callable_tools(self) -> dict[str, Tool]:
        """Everything that could be called: the tools, and a team's transfers."""
        return {**self.offered, **(self.team.transfers() if self.team else {})}

    @cached_property
    def distractors(self) -> set[str]:
        """Offered names of tools of domains in which nothing is served."""
        return {o.name for o in self.scenario.tools if o.domain not in self.scenario.domains}

    @cached_property
    def verified(self) -> dict[str, VerifiedCall]:
        """Replayed calls by id."""
        return {call.id: call for call in self.verification.calls}

    @cached_property
    def gold(self) -> Gold:
        """Gold steps with the calls that fulfil them; whoever finds its own way may leave out what it did not need."""
        gold = match_gold(self.scenario, {**self.offered, **self.user_tools}, self.trajectory.all_calls, lenient=self.verification.matches)
        return with_excuses(gold, self.scenario, self.trajectory) if finds_its_own_way(self.trajectory) else gold

    @cached_property
    def agent(self) -> list[Message]:
        """What the agent said, in order."""
        return self.trajectory.said_by("agent")

    @cached_property
    def user(self) -> list[Message]:
        """What the user said, in order: not the messages in which it used a tool of its own."""
        return [message for message in self.trajectory.said_by("user") if not message.calls]

    @cached_property
    def facts(self) -> list[Fact]:
        """Everything that the user can tell, of all wishes."""
        return [fact for wish in self.scenario.wishes for fact in wish.facts]

    def told(self, text: str, fact: Fact) -> bool:
        """Whether ``text`` states a fact's value, or the words in which people say it."""
        return mentions(text, fact.value, fact.kind) or any(mentions(text, words, "text") for words in fact.said.values())

    @cached_property
    def end(self) -> int:
        """The last event's number."""
        return self.trajectory.last_seq

    def effect(self, call: Call) -> str | None:
        """``read`` or ``write``; None for a tool that its caller does not have."""
        tool = (self.offered if call.requestor == "agent" else self.user_tools).get(call.name)
        return tool.effect if tool else None

    @cached_property
    def prompt_values(self) -> list[Any]:
        """Texts that the agent could read before the episode: its task and policy, and the offered tools."""
        texts: list[Any] = []
        for pack in self.serving:
            texts += [pack.agent, pack.name, pack.description, *(rule.rule for rule in pack.policy)]
        for tool in self.offered.values():
            texts += [tool.description, tool.parameters]
        return [*texts, *(tool.description for tool in self.user_tools.values())]

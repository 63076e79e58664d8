"""Teams: several agents share the agent's seat, each with its own character and tools, and hand the conversation over to one another.

In a scenario over two domains each domain has an agent of its own, who goes by the domain's name.

Whose the conversation is follows from the results of transfers in the log alone, so an episode resumes from it like any other.
"""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from synthesis.engine.episode.events import Event
from synthesis.engine.packs.model import Pack, Tool
from synthesis.engine.participants.cast import AgentProfile, Cast
from synthesis.engine.participants.factory import base_slug, policy_of, system_prompt, user_side
from synthesis.engine.scenarios.scenario import Scenario
from synthesis.engine.tools import ToolCall, ToolError, ToolOutcome

MOST_HANDOFFS = 6
"""Transfers of one conversation; further ones are refused, so that nobody is sent to and fro for ever."""
BACK = "everything else that the user wants"
"""When to transfer to somebody for whom no profile of the team says it."""
REASON = {
    "type": "object",
    "properties": {"reason": {"type": "string", "description": "What is left to do, for the colleague.", "minLength": 1, "maxLength": 500}},
    "required": ["reason"],
    "additionalProperties": False,
}


def transfer_to(slug: str) -> str:
    """The name of the tool that hands a conversation over to the agent of this slug."""
    return f"transfer_to_{slug.replace('-', '_')}"[:64]


def transfer_names(cast: Cast, scenario: Scenario) -> list[str]:
    """The transfer tools of a cast's team; none where there is no team."""
    if not cast.team:
        return []
    return [transfer_to(slug) for slug in (scenario.domains if len(scenario.domains) > 1 else map(base_slug, [cast.agent, *cast.team]))]


class Member(NamedTuple):
    """One agent of a team; ``tools`` are the offered names of those that are its own, ``pack`` that of its domain where it is not the
    scenario's own.
    """

    slug: str
    profile: AgentProfile
    tools: frozenset[str]
    pack: Pack | None = None

    @property
    def transfer(self) -> str:
        """The name of the tool that hands the conversation over to it."""
        return transfer_to(self.slug)


def holds(rule: str, name: str, tool: Tool) -> bool:
    """Whether a line of a toolset names the tool offered as ``name``."""
    return {"lookups": tool.effect == "read", "changes": tool.effect == "write"}.get(rule, fnmatchcase(name, rule))


class Team:
    """The members of a team in one scenario; the first one opens. A tool that nobody's toolset names is the first one's."""

    def __init__(self, profiles: Sequence[AgentProfile], tools: Mapping[str, Tool]) -> None:
        owned = [
            {name for name, tool in tools.items() if not agent.toolset or any(holds(rule, name, tool) for rule in agent.toolset)}
            for agent in profiles
        ]
        owned[0] |= set(tools).difference(*owned)
        self.members = {
            base_slug(agent): Member(base_slug(agent), agent, frozenset(names)) for agent, names in zip(profiles, owned, strict=True)
        }
        self.offered = dict(tools)
        self._settle()

    def _settle(self) -> None:
        self.front = next(iter(self.members.values()))
        self.by_transfer = {member.transfer: member for member in self.members.values()}

    @classmethod
    def of(cls, cast: Cast, scenario: Scenario, packs: Mapping[str, Pack]) -> "Team | None":
        """The team of a cast; None where one agent has every tool. ``packs`` by slug."""
        if not cast.team:
            return None
        team = cls([cast.agent, *cast.team], offered_tools(scenario, packs))
        if len(scenario.domains) > 1:
            team._divide([cast.agent, *cast.team], scenario, packs)
        return team

    def _divide(self, profiles: Sequence[AgentProfile], scenario: Scenario, packs: Mapping[str, Pack]) -> None:
        """Every domain is one agent's, in order; what is on offer from a domain that serves nothing is the first one's."""
        self.members = {
            domain: Member(domain, profile, frozenset(scenario.offered_names(domain).values()), packs[domain])
            for domain, profile in zip(scenario.domains, profiles, strict=False)
        }
        first = self.members[scenario.domain]
        rest = set(self.offered).difference(*(member.tools for member in self.members.values()))
        self.members[scenario.domain] = first._replace(tools=first.tools | rest)
        self._settle()

    def member(self, slug: str) -> Member:
        """The member of that slug; the first one for a slug that is nobody's (a fork may have put somebody else there)."""
        return self.members.get(slug, self.front)

    def holders(self, name: str) -> list[Member]:
        """Whose tool this is."""
        return [member for member in self.members.values() if name in member.tools]

    def when(self, member: Member, colleague: Member) -> str:
        """When ``member`` is to transfer to ``colleague``."""
        if colleague.pack is not None:
            return f"what concerns the domain {colleague.pack.name}"
        rules = [*member.profile.colleagues, *self.front.profile.colleagues]
        return next((rule.when for rule in rules if rule.slug == colleague.slug), BACK)

    def transfers(self, member: Member | None = None) -> dict[str, Tool]:
        """The transfer tools of a member, by name; without one those of all."""
        return {
            other.transfer: Tool(
                name=other.transfer,
                description=f"Hand the conversation over to {who(other)}, for {self.when(member or self.front, other)}.",
                effect="read",
                parameters=REASON,
            )
            for other in self.members.values()
            if other is not member
        }

    def tools(self, member: Member) -> dict[str, Tool]:
        """What a member may call: its own tools in the order of the offer, and the transfers."""
        return {**{name: tool for name, tool in self.offered.items() if name in member.tools}, **self.transfers(member)}

    def prompt(self, member: Member, pack: Pack, language: str, now: str) -> str:
        """The system prompt of a member; ``pack`` is the scenario's own."""
        lines = [
            f"- {other.transfer}: {who(other)}, for {self.when(member, other)}" for other in self.members.values() if other is not member
        ]
        return (
            f"{system_prompt(member.profile, member.pack or pack, language, now)}\n\n"
            "You work in a team: the tools you see are yours, others are your colleagues'. When the next step is a colleague's, transfer "
            "the conversation. When one was transferred to you, go on where it stands; never ask again for what was said.\n"
            + "\n".join(lines)
        )


def who(member: Member) -> str:
    """How others speak of a member: its role, and where it works if that is another domain."""
    return member.profile.role if member.pack is None else f"{member.profile.role} ({member.pack.name})"


def offered_tools(scenario: Scenario, packs: Mapping[str, Pack]) -> dict[str, Tool]:
    """The tools of a scenario by the name under which they are offered."""
    return {offer.name: packs[offer.domain].tools[offer.tool] for offer in scenario.tools}


def own_tools(scenario: Scenario, packs: Mapping[str, Pack]) -> dict[str, Tool]:
    """The tools of the user's own side, by name."""
    return {offer.name: packs[offer.domain].tools[offer.tool] for offer in scenario.user_tools}


def whole_offer(scenario: Scenario, cast: Cast, packs: Mapping[str, Pack]) -> tuple[str, dict[str, Tool]]:
    """The system prompt and the tools under which the whole conversation can be read as one agent's: of a team the first one's, with
    everybody's tools, the transfers, and who of them may call what. Every domain that serves has its policy there.
    """
    tools = offered_tools(scenario, packs)
    system = system_prompt(cast.agent, packs[scenario.domain], cast.persona.language, scenario.now)
    for domain in scenario.domains[1:]:
        system += f"\n\nFor what concerns {packs[domain].name}: {packs[domain].agent.strip()}\n{policy_of(packs[domain])}"
        system += f"\n\n{user_side(packs[domain])}".rstrip()
    team = Team.of(cast, scenario, packs)
    if team is None:
        return system, tools
    roles = [
        f"- {member.transfer}: {who(member)}"
        + ("" if member is team.front else f", for {team.when(team.front, member)}")
        + f". Tools: {', '.join(name for name in tools if name in member.tools) or 'none'}"
        for member in team.members.values()
    ]
    heading = (
        f"You speak for a team, {team.front.profile.role} first. A transfer hands the conversation over; each calls only its own tools."
    )
    return f"{system}\n\n{heading}\n" + "\n".join(roles), {**tools, **team.transfers()}


class Desk:
    """Who of a team has the conversation, folded from the log; answers transfers and calls of tools that are a colleague's."""

    def __init__(self, team: Team) -> None:
        self.team = team
        self.member = self.speaker = team.front
        self.handoffs = self.refused = 0
        self._going = False

    @classmethod
    def of(cls, cast: Cast, scenario: Scenario, packs: Mapping[str, Pack]) -> "Desk | None":
        """The desk of a cast's team, if there is one."""
        team = Team.of(cast, scenario, packs)
        return cls(team) if team else None

    def observe(self, event: Event) -> None:
        """Fold one event."""
        if event.kind == "message" and event.payload["role"] == "agent":
            self.speaker, self._going = self.member, False
        elif event.kind == "tool_result" and event.payload["name"] in self.team.by_transfer:
            if event.payload.get("error"):
                self.refused += 1
            else:
                self.handoffs += 1
                self.member = self.team.by_transfer[event.payload["name"]]

    def answer(self, call: ToolCall, digest: str) -> ToolOutcome | None:
        """See ``episode.ports.Handovers``."""
        speaker = self.speaker
        to = self.team.by_transfer.get(call.name)
        if to:
            return self._transfer(call, to, digest)
        holders = self.team.holders(call.name)
        if call.name not in self.team.offered or speaker in holders:
            return None
        whose = ", ".join(member.slug for member in holders)
        error = ToolError("not_yours", f"{call.name} is a tool of {whose}: transfer the conversation first.")
        return ToolOutcome(error=error, digest=digest, handoff={"from": speaker.slug, "held_by": whose})

    def _transfer(self, call: ToolCall, to: Member, digest: str) -> ToolOutcome:
        reason = str(call.arguments.get("reason", ""))[:500]
        handoff: dict[str, Any] = {"from": self.speaker.slug, "to": to.slug, "reason": reason}
        error = self._objection(to, reason)
        if error:
            return ToolOutcome(error=error, digest=digest, handoff=handoff)
        self._going = True
        return ToolOutcome(result={"transferred_to": to.slug}, digest=digest, handoff=handoff)

    def _objection(self, to: Member, reason: str) -> ToolError | None:
        if to is self.speaker:
            return ToolError("already_yours", "The conversation is yours already.")
        if self._going or self.member is not self.speaker:
            return ToolError("already_transferred", "The conversation has just been handed over.")
        if self.handoffs >= MOST_HANDOFFS:
            return ToolError("too_many_handoffs", "The user has been passed on too often: do what you can, or say that it cannot be done.")
        return None if reason.strip() else ToolError("invalid_arguments", "reason: say what is left to do.")

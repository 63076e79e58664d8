"""The model-backed agent: the log as chat messages, tools called natively."""

import hashlib
from collections.abc import Mapping
from typing import Any

from synthesis.engine.chat.model import ChatModel, ChatRequest, OnDelta
from synthesis.engine.episode.events import Event
from synthesis.engine.episode.seats import AgentMove
from synthesis.engine.packs.function_tools import function_tool
from synthesis.engine.packs.model import Pack, Tool
from synthesis.engine.participants.cast import Cast
from synthesis.engine.participants.model_seat import ask, fresh_ids, own_message, shown, usage_payload
from synthesis.engine.participants.team import Desk, Member, whole_offer
from synthesis.engine.scenarios.scenario import Scenario


class ModelAgent:
    """A fold over the log, like every participant; ``act`` asks the model. ``packs`` maps domain slugs to packs.

    Raises ChatErrors: what they mean for the episode is for whoever plays it to say.
    """

    def __init__(
        self, scenario: Scenario, cast: Cast, packs: Mapping[str, Pack], model: ChatModel, on_delta: OnDelta | None = None
    ) -> None:
        self.model, self.on_delta, self.parallel = model, on_delta, cast.agent.parallel
        self.scenario, self.cast, self.packs = scenario, cast, packs
        self.messages: list[dict[str, Any]] = [{"role": "system", "content": ""}]
        self.ids: set[str] = set()
        self.desk = Desk.of(cast, scenario, packs)
        system, tools = whole_offer(scenario, cast, packs)
        if self.desk:
            self._sit(self.desk.member)
        else:
            self._begin(system, tools)

    def _sit(self, member: Member) -> None:
        """Go on as this member of the team: with its system prompt and tools, and the conversation so far."""
        assert self.desk
        team, pack = self.desk.team, self.packs[self.scenario.domain]
        self.parallel = member.profile.parallel
        self._begin(team.prompt(member, pack, self.cast.persona.language, self.scenario.now), team.tools(member))

    def _begin(self, system: str, tools: Mapping[str, Tool]) -> None:
        self.prompt = hashlib.sha256(system.encode()).hexdigest()[:16]
        self.messages[0] = {"role": "system", "content": system}
        self.tools = [function_tool(name, tool) for name, tool in tools.items()]

    def observe(self, event: Event) -> None:
        """Fold one event."""
        payload = event.payload
        if event.kind == "message" and payload["role"] == "user":
            if payload.get("tool_calls"):
                return  # what the user does on its own side the agent learns from its words
            self.messages.append({"role": "user", "content": payload["text"]})
        elif event.kind == "message":
            self.messages.append(own_message(payload))
            self.ids |= {call["id"] for call in payload.get("tool_calls", [])}
        elif event.kind == "tool_result" and payload.get("requestor", "agent") == "agent":
            self.messages.append({"role": "tool", "tool_call_id": payload["call_id"], "content": shown(payload)})
        self._hand_over(event)

    def _hand_over(self, event: Event) -> None:
        if self.desk is None:
            return
        before = self.desk.member
        self.desk.observe(event)
        if self.desk.member is not before:
            self._sit(self.desk.member)

    async def act(self) -> AgentMove:
        """Answer or call tools."""
        request = ChatRequest("agent", self.messages, self.tools, parallel=self.parallel, prompt=self.prompt)
        asked = await ask(self.model, request, on_delta=self.on_delta)
        reply = asked.reply
        return AgentMove(
            text=reply.text,
            calls=fresh_ids(reply.calls, self.ids),
            reasoning=reply.reasoning,
            usage=usage_payload(asked.usage, self.prompt),
            repaired=asked.repaired,
        )

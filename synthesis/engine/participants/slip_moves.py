"""The moves by which a scripted agent makes its planned slip; everything before and after them is what a competent agent would do."""

import random
from collections.abc import Sequence
from typing import Any, Protocol

from synthesis.engine.packs.model import Pack
from synthesis.engine.participants.agent_moves import MoveMaker
from synthesis.engine.participants.agent_phrasing import AgentPhrasing
from synthesis.engine.participants.moves import Meaning, Plan
from synthesis.engine.participants.planning import Aim
from synthesis.engine.participants.slips import SlipPlan, invented, other_record, wrong_value
from synthesis.engine.participants.track import Track, signature
from synthesis.engine.randomness import rng_for
from synthesis.engine.tools import ToolCall


class Competent(Protocol):
    """What a slip needs of the agent that makes it."""

    tracks: list[Track]
    pack: Pack
    phrasing: AgentPhrasing
    parallel: bool
    results: list[Any]
    known: dict[bytes, Any]
    moves: MoveMaker

    def go_on(self, rng: random.Random) -> Plan:
        """The next move of an agent that makes no slip."""


class SlipMaker:
    """Makes the slip of ``plan`` when its moment has come. ``made`` is set by the agent when the move comes back from the log."""

    def __init__(self, plan: SlipPlan, agent: Competent, seed: int) -> None:
        self.plan, self.agent, self.seed = plan, agent, seed
        self.track = agent.tracks[plan.wish]
        self.made = False
        if plan.kind == "policy_broken" and self.track.refusal:
            self.track.disobey(agent.pack.tools)

    def instead(self, aim: Aim, group: Sequence[Track], rng: random.Random) -> Plan | None:
        """The slip's own move where it is due; None to go on as a competent agent would."""
        if self.made or (self.track not in group and self.plan.kind != "ignored_error"):
            return None
        make = _MAKERS.get(self.plan.kind)
        return make(self, aim, rng) if make else None

    def _noted(self, plan: Plan, note: str) -> Plan:
        plan.meaning.slip = {"kind": self.plan.kind, "note": note}
        return plan

    def _due(self, aim: Aim) -> bool:
        at = (self.plan.wish, self.plan.step)
        return aim.kind == "call" and at in aim.steps and not self.track.tries.get(self.plan.step)

    def wrong_argument(self, aim: Aim, rng: random.Random) -> Plan | None:
        """Call with one value that is not the one the task calls for."""
        if not self._due(aim):
            return None
        tool = self.agent.pack.tools[self.track.steps[self.plan.step].tool]
        schema = tool.parameters.get("properties", {}).get(self.plan.parameter, {})
        right = self.track.arguments(self.plan.step).get(self.plan.parameter)
        return self._altered(aim, rng, right, wrong_value(right, schema, rng))

    def wrong_record(self, aim: Aim, rng: random.Random) -> Plan | None:
        """Call on another record of the same kind."""
        if not self._due(aim):
            return None
        right = str(self.track.arguments(self.plan.step)[self.plan.parameter])
        return self._altered(aim, rng, right, other_record(right, self.agent.results, rng))

    def _altered(self, aim: Aim, rng: random.Random, right: Any, value: Any) -> Plan | None:
        if value is None:
            return None
        plan = self.agent.moves.make_calls(aim.steps, rng)
        for k, call in enumerate(plan.calls):
            if plan.meaning.calls.get(call.id) == (self.plan.wish, self.plan.step):
                plan.calls[k] = ToolCall(call.id, call.name, {**call.arguments, self.plan.parameter: value})
                return self._noted(plan, f"{call.name}.{self.plan.parameter}: {value!r} instead of {right!r}")
        return None

    def skipped_step(self, aim: Aim, rng: random.Random) -> Plan | None:
        """Go on as if the step were done, with what it would have given."""
        step = self.track.steps[self.plan.step]
        if (self.plan.wish, self.plan.step) not in aim.steps or not (
            aim.kind in {"call", "do"} or (aim.kind == "ask" and step.effect == "read")
        ):
            return None
        self.track.settle(self.plan.step, step.result)
        plan = self.agent.go_on(rng)
        self.track.unsettle(self.plan.step)
        plan.meaning.skipped = [*plan.meaning.skipped, (self.plan.wish, self.plan.step)]
        return self._noted(plan, f"never asked for {step.tool}" if step.side == "user" else f"never called {step.tool}")

    def unconfirmed_write(self, aim: Aim, rng: random.Random) -> Plan | None:
        """Write without having asked."""
        if aim.kind != "propose":
            return None
        plan = self.agent.moves.make_calls(aim.steps if self.agent.parallel else aim.steps[:1], rng)
        plan.meaning.unconfirmed = list(dict.fromkeys(w for w, _ in aim.steps))
        return self._noted(plan, f"called {plan.calls[0].name} without asking")

    def premature_end(self, aim: Aim, rng: random.Random) -> Plan | None:
        """Say goodbye before the task is done."""
        last = len(self.track.steps) - len(self.track.done) <= sum(w == self.plan.wish for w, _ in aim.steps)
        writing = aim.kind in {"call", "do"} and any(self.agent.tracks[w].steps[i].effect == "write" for w, i in aim.steps)
        if aim.kind not in {"propose", "refuse", "which", "report"} and not writing and not (aim.kind == "call" and last):
            return None
        return self._noted(
            Plan(self.agent.phrasing.say("stopped_short", rng), done=True), "ended the conversation before the task was done"
        )

    def ignored_error(self, aim: Aim, rng: random.Random) -> Plan | None:
        """Go on after an error as if the call had given what it should have."""
        for wish, i in aim.steps:
            track = self.agent.tracks[wish]
            alone = sum(other.tool == track.steps[i].tool for other in track.steps) == 1
            if not alone or not self._failed(aim, track, i):
                continue
            trouble, told, retrying = track.trouble, dict(track.told), track.retrying
            if trouble:
                track.trouble, track.told = None, {**told, trouble.key: "right"}
            track.settle(i, track.steps[i].result)
            plan = self.agent.go_on(rng)
            track.unsettle(i)
            track.trouble, track.told, track.retrying = trouble, told, retrying
            plan.meaning.skipped = [*plan.meaning.skipped, (wish, i)]
            plan.meaning.ignored = [*plan.meaning.ignored, *([(wish, trouble.key)] if trouble else [])]
            return self._noted(plan, f"went on after {track.steps[i].tool} had failed")
        return None

    @staticmethod
    def _failed(aim: Aim, track: Track, i: int) -> bool:
        if aim.kind == "complain":
            return track.trouble is not None
        return aim.kind == "call" and track.retrying and bool(track.tries.get(i))

    def policy_broken(self, aim: Aim, rng: random.Random) -> Plan | None:
        """Do what the policy forbids, or look something up before the caller is identified."""
        if aim.kind != "call":
            return None
        if self.track.words.wish.refusal:
            if not any(self.track.steps[i].effect == "write" for _, i in aim.steps):
                return None
            plan = self.agent.moves.make_calls(aim.steps, rng)
            return self._noted(plan, f"called {plan.calls[0].name} although the policy forbids it")
        if aim.steps != [(0, 0)] or self.track.done:
            return None
        early = self.agent.moves.new_call(0, self.plan.step, self.track.arguments(self.plan.step), rng)
        meaning = Meaning(calls={early.id: (0, self.plan.step)})
        return self._noted(Plan("", [early], meaning=meaning), f"called {early.name} before the caller was identified")

    def needless_call(self, aim: Aim, rng: random.Random) -> Plan | None:
        """Read again what was just read."""
        if self.plan.step not in self.track.done or aim.kind in {"complain", "give_up"}:
            return None
        args = self.track.arguments(self.plan.step)
        if signature(self.track.offered(self.plan.step), args) not in self.agent.known:
            return None
        call = self.agent.moves.new_call(self.plan.wish, self.plan.step, args, rng)
        return self._noted(Plan("", [call]), f"called {call.name} again with the same arguments")

    def false_values(self, group: Sequence[Track]) -> dict[str, Any]:
        """The made-up value of an ``invented_result`` slip, by the path of the fact it replaces in the report of ``group``."""
        if self.made or self.plan.kind != "invented_result" or self.track not in group:
            return {}
        tell, value = self.track.told_values(self.track.tells)[self.plan.step]
        false = invented(value, tell.kind, rng_for(self.seed, "agent", "invented"))
        return {tell.template[1:-1]: false} if false is not None else {}


_MAKERS = {
    "wrong_argument": SlipMaker.wrong_argument,
    "wrong_record": SlipMaker.wrong_record,
    "skipped_step": SlipMaker.skipped_step,
    "unconfirmed_write": SlipMaker.unconfirmed_write,
    "premature_end": SlipMaker.premature_end,
    "ignored_error": SlipMaker.ignored_error,
    "policy_broken": SlipMaker.policy_broken,
    "needless_call": SlipMaker.needless_call,
}
"""How each kind is made, except ``invented_result``, which is part of a report."""

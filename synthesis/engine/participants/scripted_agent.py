"""The scripted agent: serves the scenario's wishes as a competent agent would, or with one slip on purpose.

A fold over the log, like the scripted user: ``act`` plans a Move from what was folded, and when the move comes back as an event its
meaning (what was asked, proposed, called for which step) is worked out again from the same state. It goes by the user's words and by
results that came back, so it also works opposite a model.
"""

import random
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from synthesis.engine.episode.events import Event
from synthesis.engine.episode.seats import AgentMove
from synthesis.engine.faults.plan import is_spoilt
from synthesis.engine.language import reading
from synthesis.engine.language.grounding import WishWords
from synthesis.engine.packs.model import Pack
from synthesis.engine.participants.agent_moves import MoveMaker
from synthesis.engine.participants.agent_phrasing import AgentPhrasing
from synthesis.engine.participants.cast import AgentProfile, Cast
from synthesis.engine.participants.forking import fork_cast
from synthesis.engine.participants.moves import Meaning, Plan, act_of, apply_to
from synthesis.engine.participants.own_side import asks_for, tells_of
from synthesis.engine.participants.planning import Aim, next_aim
from synthesis.engine.participants.slip_moves import SlipMaker
from synthesis.engine.participants.slips import plan_slip
from synthesis.engine.participants.team import Desk, own_tools
from synthesis.engine.participants.team_moves import hand_over, own_part
from synthesis.engine.participants.track import Track, signature, step_called
from synthesis.engine.participants.wording import Wording
from synthesis.engine.randomness import rng_for
from synthesis.engine.scenarios.scenario import Scenario
from synthesis.engine.tools import ToolCall

OPENS = 0.55
"""Share of an opening line's words that shows that the user brings up that wish."""


class ScriptedAgent:
    """See the module docstring. ``packs`` maps domain slugs to packs; ``slip`` is the kind of slip to make, or None."""

    def __init__(
        self, scenario: Scenario, cast: Cast, packs: Mapping[str, Pack], wording: Wording, seed: int, slip: str | None = None
    ) -> None:
        self.scenario, self.profile, self.seed = scenario, cast.agent, seed
        self.pack = packs[scenario.domain]
        self.language = cast.persona.language
        self.tracks = [self._track(i, packs) for i in range(len(scenario.wishes))]
        self.tools = {o.name: packs[o.domain].tools[o.tool] for o in scenario.tools if o.domain in scenario.domains}
        self.own = own_tools(scenario, packs)
        self.phrasing = AgentPhrasing(self.profile, wording[self.language], self.pack, rng_for(seed, "agent", "style"))
        self.ahead = self.profile.asks == "together" and rng_for(seed, "agent", "ahead").random() < 0.5
        self.parallel = self.profile.parallel or scenario.at_once
        self.seq = self.spoke = 0
        self.user_texts: list[str] = []
        self.calls: dict[str, tuple[int, int]] = {}
        self.requested: list[tuple[int, int]] = []
        """Steps of the user's side that were asked for and not heard of yet."""
        self.sent: dict[str, ToolCall] = {}
        self.results: list[Any] = []
        self.known: dict[bytes, Any] = {}
        self.fresh: dict[bytes, Any] = {}
        self.last_act = ""
        self.corrected = False
        self._planned: tuple[int, Plan] | None = None
        self.front = cast.agent
        self.desk = Desk.of(cast, scenario, packs)
        self.moves = MoveMaker(self)
        self.slips = SlipMaker(plan_slip(scenario, self.pack, slip, seed), self, seed) if slip else None

    def _track(self, index: int, packs: Mapping[str, Pack]) -> Track:
        wish = self.scenario.wishes[index]
        domain = self.scenario.domain_of(wish)
        words = WishWords(wish, packs[domain].intents[wish.intent], self.language)
        return Track(index, words, self.scenario.offered_names(domain))

    # Folding the log.

    def observe(self, event: Event) -> None:
        """Fold one event."""
        member = self.desk.member if self.desk else None
        if self.desk:
            self.desk.observe(event)
        if event.kind == "message" and event.payload["role"] == "agent":
            self._fold_own(event.payload)
        elif event.kind == "message" and not event.payload.get("tool_calls"):
            self._fold_user(event.payload["text"])
        elif event.kind == "tool_result" and event.payload.get("requestor", "agent") == "agent":
            self._fold_result(event)
        elif cast := fork_cast(event):
            self._adopt(cast.agent)
            self.corrected = "corrects" in event.payload
        if self.desk and self.desk.member is not member:
            self._speak_as(self.desk.member.profile)
        self.seq = event.seq + 1
        self._planned = None

    def _adopt(self, profile: AgentProfile) -> None:
        """Go on as another agent, who knows all that was done so far and makes no slip that was planned for the one before."""
        if profile == self.front:
            return
        self.front, self.slips = profile, None
        if self.desk is None or self.desk.member is self.desk.team.front:
            self._speak_as(profile)

    def _speak_as(self, profile: AgentProfile) -> None:
        self.profile = profile
        self.phrasing.adopt(profile)
        self.ahead = profile.asks == "together" and rng_for(self.seed, "agent", "ahead").random() < 0.5
        self.parallel = profile.parallel or self.scenario.at_once

    def _fold_own(self, payload: dict[str, Any]) -> None:
        plan = self._decide()
        calls = [msgspec.convert(call, ToolCall) for call in payload.get("tool_calls", [])]
        # A person who corrects what we would have said has worded it anew: it means the same.
        reworded = self.corrected and not payload.get("done") and bool(payload["text"]) == bool(plan.text)
        # Ids are drawn from the place in the log, so other calls there may bear the same ones.
        ours = [(c.id, signature(c.name, c.arguments)) for c in plan.calls] == [(c.id, signature(c.name, c.arguments)) for c in calls]
        if ours and (plan.text == payload["text"] or reworded):
            self._apply(plan.meaning)
        else:
            self._recognise(calls)
            self._recognise_requests(str(payload["text"]))
        self.corrected = False
        for call in calls:
            self.sent[call.id] = call
        if payload["text"]:
            self.phrasing.speaker.remember(payload["text"])
            self.spoke += 1

    def _recognise(self, calls: Sequence[ToolCall]) -> None:
        """Calls that somebody else made in our seat count for the steps that would make the very same ones."""
        for call in calls:
            tool = self.tools.get(call.name)
            if tool and (place := step_called(self.tracks, call.name, call.arguments)):
                self._apply(Meaning(calls={call.id: place}))

    def _recognise_requests(self, text: str) -> None:
        """What somebody else in our seat asked the user to do on its own side."""
        for track in self.tracks:
            for i in track.ready() if text and track.opened and not track.closed else []:
                if track.steps[i].side == "user" and asks_for(text, self.own[track.offered(i)], self.language):
                    self._apply(Meaning(requested=[(track.index, i)]))

    def _apply(self, meaning: Meaning) -> None:
        self.calls |= meaning.calls
        self.requested += meaning.requested
        apply_to(self.tracks, meaning)
        if self.slips and meaning.slip:
            self.slips.made = True
        self.last_act = act_of(meaning)

    def _fold_user(self, text: str) -> None:
        self.user_texts.append(text)
        if not self._hear_of_requests(text):
            self._open(text)
        waiting = [track for track in self.tracks if track.opened and not track.closed and track.proposed and not track.confirmed]
        for track in self.tracks:
            if track.opened and not (track.closed and not track.words.wish.change):
                told = track.words.told(text, changed=track.proposed or track.closed)
                track.hear(told)
                for key, value in track.words.exact(told).items():
                    if key in told:
                        self.phrasing.see(value)
        for track in waiting:
            if not track.proposed:
                continue
            if reading.affirms(text):
                track.confirmed = True
            elif reading.declines(text):
                track.declined, track.proposed = True, False
            else:
                track.doubts += 1

    def _hear_of_requests(self, text: str) -> bool:
        """What the user tells of its own side: the agent has nothing but these words to go by. False where nothing was asked for."""
        asked = bool(self.requested)
        for wish, i in self.requested:
            track = self.tracks[wish]
            step, tool = track.steps[i], self.own[track.offered(i)]
            result = step.result if isinstance(step.result, dict) else {}
            if not track.hear_of(i, done=tells_of(text, tool, result, self.language)):
                continue
            self.phrasing.see(step.result)
            self._remember(ToolCall("", track.offered(i), track.arguments(i)), step.result)
        self.requested = []
        return asked

    def _open(self, text: str) -> None:
        """Open the wishes that the user brings up: all or the first at the beginning, later the next one when its words come or nothing
        else is left.
        """
        if not any(track.opened for track in self.tracks):
            for track in self.tracks if self.scenario.at_once else self.tracks[:1]:
                self._start(track)
            return
        following = next((track for track in self.tracks if not track.opened), None)
        if following is None:
            return
        free = all(track.closed for track in self.tracks if track.opened)
        refused = any(track.refused for track in self.tracks)
        share = following.words.opens(text)
        if share >= OPENS or (free and not refused and not (reading.wants_no_more(text) and len(text) < 60)):
            self._start(following)

    def _start(self, track: Track) -> None:
        """Open ``track``; what the user told for an earlier wish with the same value holds for it too."""
        track.opened = True
        for other in self.tracks:
            if other.opened and other is not track:
                for key, variant in other.told.items():
                    mine, theirs = track.words.facts.get(key), other.words.facts[key]
                    if mine and variant == "right" and mine.value == theirs.value:
                        track.told[key] = "right"

    def _fold_result(self, event: Event) -> None:
        payload = event.payload
        call_id = str(event.call_id)
        call = self.sent.get(call_id)
        error, result = payload.get("error"), payload.get("result")
        if error is None and not is_spoilt(result):
            self.results.append(result)
            self.phrasing.see(result)
            if call:
                self.phrasing.see(call.arguments)
                self._remember(call, result)
        if call_id not in self.calls:
            return
        wish, step = self.calls[call_id]
        self.tracks[wish].fold_result(step, result, error)

    def _remember(self, call: ToolCall, result: Any) -> None:
        """Keep a result for steps that would make the very same call; a write makes earlier reads stale."""
        tool = self.tools.get(call.name) or self.own.get(call.name)
        if tool is None or tool.effect == "write":
            self.fresh = {}
            return
        key = signature(call.name, call.arguments)
        self.known[key] = self.fresh[key] = result

    # Acting.

    async def act(self) -> AgentMove:
        """Answer or call tools."""
        plan = self._decide()
        return AgentMove(plan.text, plan.calls, done=plan.done, slip=plan.meaning.slip)

    def _decide(self) -> Plan:
        if self._planned is None or self._planned[0] != self.seq:
            rng = rng_for(self.seed, "agent", self.seq)
            self.phrasing.speaker.settle(rng)
            self._planned = (self.seq, self._next(rng, frozenset()))
        return self._planned[1]

    def _next(self, rng: random.Random, reported: frozenset[int]) -> Plan:
        """The next move; ``reported`` are wishes whose report is already part of it."""
        group = [track for track in self.tracks if track.opened and not track.closed and track.index not in reported]
        if not self.scenario.at_once:
            group = group[:1]
        if not group:
            return Plan() if reported else self.moves.idle(rng)
        for track in group:
            track.reuse(self.known, self.fresh)
        aim = next_aim(group, parallel=self.parallel, confirms=self.profile.confirms)
        if self.desk:
            ours = own_part(aim, self.tracks, self.desk)
            if ours is None:
                passed_on = hand_over(aim, self.tracks, self.desk, self.phrasing, rng)
                return passed_on or self.moves.move(Aim("give_up"), group, rng)
            aim = ours
        slipped = self.slips.instead(aim, group, rng) if self.slips else None
        if slipped:
            return slipped
        return self._report(group, rng, reported) if aim.kind == "report" else self.moves.move(aim, group, rng)

    def go_on(self, rng: random.Random) -> Plan:
        """The next move of an agent that makes no slip."""
        slips, self.slips = self.slips, None
        try:
            return self._next(rng, frozenset())
        finally:
            self.slips = slips

    def _report(self, group: Sequence[Track], rng: random.Random, reported: frozenset[int]) -> Plan:
        false = self.slips.false_values(group) if self.slips else {}
        text = self.phrasing.report(group, rng, false)
        closed = [track.index for track in group]
        slip = {"kind": "invented_result", "note": f"reported {false} that no result holds"} if false else None
        following = self._next(rng, reported | frozenset(closed))
        if following.text or following.calls:
            following.text = " ".join(part for part in (text, following.text) if part)
            following.meaning.closed = [*closed, *following.meaning.closed]
            following.meaning.slip = slip or following.meaning.slip
            return following
        if rng.random() < (0.6 if self.profile.tone == "brisk" else 0.9) or any(not track.opened for track in self.tracks):
            text = f"{text} {self.phrasing.say('more', rng)}"
        return Plan(text, meaning=Meaning(closed=closed, slip=slip))

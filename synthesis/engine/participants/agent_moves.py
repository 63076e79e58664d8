"""What a competent scripted agent says and calls for each of its aims. A report is the agent's own: it goes on to the next aim."""

import random
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from synthesis.engine.language import reading
from synthesis.engine.packs.model import Tool
from synthesis.engine.participants.agent_phrasing import MOST_LABELS, AgentPhrasing
from synthesis.engine.participants.cast import AgentProfile
from synthesis.engine.participants.moves import Meaning, Plan
from synthesis.engine.participants.planning import Aim
from synthesis.engine.participants.track import Track
from synthesis.engine.tools import ToolCall

MANY_QUESTIONS = 5
"""Missing facts from which on even those who ask one by one ask for two at a time."""


class Speaking(Protocol):
    """What a move needs of the agent that makes it."""

    tracks: list[Track]
    tools: dict[str, Tool]
    own: dict[str, Tool]
    phrasing: AgentPhrasing
    profile: AgentProfile
    language: str
    ahead: bool
    last_act: str
    results: list[Any]
    spoke: int
    user_texts: list[str]


class MoveMaker:
    """Makes the moves of ``agent``."""

    def __init__(self, agent: Speaking) -> None:
        self.agent = agent

    def move(self, aim: Aim, group: Sequence[Track], rng: random.Random) -> Plan:
        """The move for ``aim``, anything but a report, over ``group``: the wishes that are served together."""
        if aim.kind == "give_up":
            act = "gave_up" if any(track.hopeless == "system" for track in group) else "failed"
            return Plan(self.agent.phrasing.say(act, rng), meaning=Meaning(closed=[track.index for track in group]))
        if aim.kind == "complain":
            return self._complain(aim, rng)
        if aim.kind == "declined":
            for track in group:
                track.declined = False
            return Plan(self.agent.phrasing.say("not_done", rng))
        if aim.kind == "refuse":
            track = self.agent.tracks[aim.steps[0][0]]
            return Plan(self.agent.phrasing.refuse(track, rng, self.agent.tools), meaning=Meaning(refused=[track.index]))
        if aim.kind == "which":
            track = self.agent.tracks[aim.steps[0][0]]
            assert track.words.wish.choice
            return Plan(self.agent.phrasing.which(track, rng), meaning=Meaning(asked=[(track.index, track.words.wish.choice.key)]))
        if aim.kind == "ask":
            return self._ask(aim, group, rng)
        if aim.kind == "call":
            return self.make_calls(aim.steps, rng)
        return self._request(aim, rng) if aim.kind == "do" else self._propose(aim, rng)

    def _ask(self, aim: Aim, group: Sequence[Track], rng: random.Random) -> Plan:
        wanted = self._wanted(aim, group)
        labels = list(dict.fromkeys(self.agent.tracks[w].words.facts[key].label[self.agent.language] for w, key in wanted))[:MOST_LABELS]
        asked = [(w, key) for w, key in wanted if self.agent.tracks[w].words.facts[key].label[self.agent.language] in labels]
        times = max((self.agent.tracks[w].asked.get(key, 0) for w, key in asked), default=0)
        if times >= 3:
            return Plan(self.agent.phrasing.ask(labels, rng, "cannot_go_on"), meaning=Meaning(closed=[track.index for track in group]))
        act = "ask_again" if times else "ask_next" if self.agent.last_act == "ask" or (self.agent.results and self.agent.spoke) else "ask"
        return Plan(self._led_in(self.agent.phrasing.ask(labels, rng, act), rng), meaning=Meaning(asked=asked))

    def _wanted(self, aim: Aim, group: Sequence[Track]) -> list[tuple[int, str]]:
        """What to ask for now: one fact, all that the next steps need, or (some agents) all that is still missing."""
        wanted = [(w, key) for w, i in aim.steps for key in self.agent.tracks[w].missing(self.agent.tracks[w].steps[i]) if key in aim.keys]
        if self.agent.ahead:
            choices = {track.index: track.words.wish.choice.key for track in group if track.words.wish.choice}
            wanted += [(t.index, key) for t in group for step in t.steps for key in t.missing(step) if key != choices.get(t.index)]
        wanted = list(dict.fromkeys(wanted))
        if self.agent.profile.asks == "together":
            return wanted
        open_facts = {(t.index, key) for t in group for step in t.steps for key in t.missing(step)}
        return wanted[: 1 if len(open_facts) < MANY_QUESTIONS else 2]

    def _request(self, aim: Aim, rng: random.Random) -> Plan:
        """Ask the user to do a step on its own side."""
        wish, i = aim.steps[0]
        track = self.agent.tracks[wish]
        tool = self.agent.own[track.offered(i)]
        text = self.agent.phrasing.request(tool, track.arguments(i), rng, again=bool(track.requests.get(i)))
        return Plan(self._led_in(text, rng), meaning=Meaning(requested=[(wish, i)]))

    def _led_in(self, text: str, rng: random.Random) -> str:
        """``text``; if it is the first that is said, often behind a word on what the user came with."""
        if self.agent.spoke or rng.random() >= 0.7:
            return text
        return f"{self.agent.phrasing.say('acknowledge', rng)} {text}"

    def _complain(self, aim: Aim, rng: random.Random) -> Plan:
        track = self.agent.tracks[aim.steps[0][0]]
        key = aim.keys[0]
        code = "malformed" if track.malformed(key) else track.trouble.code if track.trouble else "malformed"
        if track.asked.get(key, 0) >= 4:
            label = track.words.facts[key].label[self.agent.language]
            return Plan(self.agent.phrasing.ask([label], rng, "cannot_go_on"), meaning=Meaning(closed=[track.index]))
        return Plan(self.agent.phrasing.complain(track, key, code, rng), meaning=Meaning(asked=[(track.index, key)]))

    def _propose(self, aim: Aim, rng: random.Random) -> Plan:
        tracks = [self.agent.tracks[w] for w in dict.fromkeys(w for w, _ in aim.steps)]
        if all(track.proposed for track in tracks):
            if max(track.doubts for track in tracks) > 2:
                return Plan(self.agent.phrasing.say("not_done", rng), meaning=Meaning(closed=[track.index for track in tracks]))
            return Plan(self.agent.phrasing.say("reconfirm", rng), meaning=Meaning(proposed=[track.index for track in tracks]))
        return Plan(self.agent.phrasing.propose(tracks, rng), meaning=Meaning(proposed=[track.index for track in tracks]))

    def make_calls(self, steps: Sequence[tuple[int, int]], rng: random.Random) -> Plan:
        """The calls of ``steps``; reads that would be identical are made once."""
        meaning = Meaning()
        calls: list[ToolCall] = []
        for wish, i in steps:
            args = self.agent.tracks[wish].arguments(i)
            call = self.new_call(wish, i, args, rng)
            if self.agent.tracks[wish].steps[i].effect == "read" and any((c.name, c.arguments) == (call.name, args) for c in calls):
                continue
            calls.append(call)
            meaning.calls[call.id] = (wish, i)
        return Plan(self._beside(steps, rng), calls, meaning=meaning)

    def new_call(self, wish: int, step: int, args: Mapping[str, Any], rng: random.Random) -> ToolCall:
        """A call of the tool of a step with ``args``, under the name by which the tool is offered."""
        return ToolCall(f"call_{rng.getrandbits(64):016x}", self.agent.tracks[wish].offered(step), dict(args))

    def _beside(self, steps: Sequence[tuple[int, int]], rng: random.Random) -> str:
        retries = max(self.agent.tracks[w].tries.get(i, 0) for w, i in steps)
        if retries:
            return self.agent.phrasing.beside("retry" if retries == 1 else "slow", rng, 0.5 if retries == 1 else 1.0)
        writing = any(self.agent.tracks[w].steps[i].effect == "write" for w, i in steps)
        if not self.agent.spoke and not self.agent.results:
            return self.agent.phrasing.say("acknowledge", rng) if rng.random() < 0.4 else self.agent.phrasing.beside("checking", rng, 0.25)
        if self.agent.last_act == "call":
            return self.agent.phrasing.beside("checking", rng, 0.05) if not writing and rng.random() < 0.35 else ""
        return self.agent.phrasing.beside("doing" if writing else "checking", rng, 0.12)

    def idle(self, rng: random.Random) -> Plan:
        """Nothing is left to do: hold to a refusal, or take leave."""
        text = self.agent.user_texts[-1] if self.agent.user_texts else ""
        refused = [track for track in self.agent.tracks if track.refused]
        if refused and not reading.wants_no_more(text):
            return Plan(self.agent.phrasing.hold(refused[-1], rng))
        if reading.wants_no_more(text) or reading.thanks(text) or reading.says_goodbye(text) or self.agent.last_act == "other":
            return Plan(self.agent.phrasing.say("closing", rng), done=True)
        return Plan(self.agent.phrasing.say("more", rng))

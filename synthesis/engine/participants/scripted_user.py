"""The scripted user: follows the scenario's script by reading what the agent writes, whoever the agent is.

A fold over the log: ``observe`` takes every event, ``act`` decides from what was folded. What a move meant (which wish it opened, which
it took as done) is worked out again when the move comes back as an event, so a resumed episode goes on as if nothing had happened.
"""

import random
from collections.abc import Mapping
from typing import Any

import msgspec

from synthesis.engine.episode.events import Event
from synthesis.engine.episode.seats import UserMove
from synthesis.engine.language import reading
from synthesis.engine.language.grounding import WishWords
from synthesis.engine.language.values import mentions
from synthesis.engine.packs.model import Pack
from synthesis.engine.participants.cast import Cast
from synthesis.engine.participants.doing import Hands, script_steps
from synthesis.engine.participants.errand import Errand, asked_of
from synthesis.engine.participants.forking import fork_cast
from synthesis.engine.participants.telling import Telling
from synthesis.engine.participants.user_phrasing import UserPhrasing
from synthesis.engine.participants.wording import Wording
from synthesis.engine.randomness import rng_for
from synthesis.engine.scenarios.scenario import Scenario
from synthesis.engine.tools import ToolCall

PATIENCE_WITH_NOTHING = 3
"""Messages in a row that ask nothing the user understands and bring nothing, before the user leaves."""


class Step(msgspec.Struct):
    """A move and what it means for the user's own state: positions of wishes."""

    text: str
    done: bool = False
    feedback: dict[str, Any] | None = None
    opened: list[int] = []
    finished: list[int] = []
    refused: list[int] = []
    pressed: int | None = None
    changed: int | None = None
    lost: bool = False
    calls: list[ToolCall] = []


class ScriptedUser:
    """See the module docstring. ``packs`` maps domain slugs to packs; ``wording`` languages to words."""

    def __init__(self, scenario: Scenario, cast: Cast, packs: Mapping[str, Pack], wording: Wording, seed: int) -> None:
        self.scenario, self.persona, self.seed = scenario, cast.persona, seed
        language = cast.persona.language
        intents = [packs[scenario.domain_of(wish)].intents[wish.intent] for wish in scenario.wishes]
        self.errands = [
            Errand(WishWords(wish, intent, language), names=scenario.offered_names(scenario.domain_of(wish)))
            for wish, intent in zip(scenario.wishes, intents, strict=True)
        ]
        self.phrasing = UserPhrasing(cast.persona, wording[language], rng_for(seed, "user", "style"))
        self.telling = Telling(self.errands, self.phrasing, at_once=scenario.at_once)
        self.language = language
        self.hands = Hands(scenario, packs, language)
        self.seq = 0
        self.questions = 0
        self.lost = 0
        self.last = ""
        self.heard = ""
        self.early = rng_for(seed, "user", "early").random() < 0.35 and scenario.variation == "switched_topic"
        self._planned: tuple[int, Step] | None = None

    def observe(self, event: Event) -> None:
        """Fold one event."""
        if event.kind == "message" and event.payload["role"] == "user":
            if event.payload.get("tool_calls"):
                self.hands.fold_calls(event.payload["tool_calls"])
            else:
                self._fold_own(event.payload["text"])
        elif event.kind == "message":
            self._fold_agent(event.payload)
        elif event.kind == "tool_result" and event.payload.get("requestor") == "user":
            self._fold_shown(event.payload)
        elif (cast := fork_cast(event)) and cast.persona != self.persona:
            self.persona = cast.persona
            self.phrasing.adopt(cast.persona, rng_for(self.seed, "user", "style"))
        self.seq = event.seq + 1
        self._planned = None

    def _fold_own(self, text: str) -> None:
        step = self._decide()
        if step.text == text:
            for i in step.opened:
                self.errands[i].opened = True
            for i in step.finished:
                self.errands[i].finished = True
            for i in step.refused:
                self.errands[i].refused = self.errands[i].finished = True
            if step.pressed is not None:
                self.errands[step.pressed].pressed += 1
            if step.changed is not None:
                errand = self.errands[step.changed]
                errand.changed, errand.finished, errand.reported, errand.acted = True, False, False, frozenset()
            self.lost = self.lost + 1 if step.lost else 0
        for errand in self._open():
            errand.told = {**errand.told, **errand.words.told(text, changed=errand.changed)}
        self.phrasing.speaker.remember(text)
        self.hands.told()
        self.last = self.heard = ""

    def _fold_shown(self, payload: dict[str, Any]) -> None:
        """A tool of one's own has answered: the first open step that it serves is done."""
        name = self.hands.fold_result(payload)
        for errand in self._open() if name else []:
            due = [
                i
                for i, step in enumerate(errand.steps)
                if step.side == "user" and errand.names.get(step.tool) == name and i not in errand.acted
            ]
            if due:
                errand.acted |= {due[0]}
                return

    def _fold_agent(self, payload: dict[str, Any]) -> None:
        self.heard += "\n" + payload["text"]
        for errand in self._open():
            if any(mentions(payload["text"], tell.value, tell.kind) for tell in errand.tells):
                errand.reported = True
        if not payload.get("tool_calls"):
            self.last = payload["text"]
            if reading.has_question(self.last) and not reading.offers_more(self.last):
                self.questions += 1

    async def act(self) -> UserMove:
        """Say the next thing."""
        step = self._decide()
        return UserMove(step.text, step.done, step.feedback, calls=step.calls)

    def _decide(self) -> Step:
        if self._planned is None or self._planned[0] != self.seq:
            rng = rng_for(self.seed, "user", self.seq)
            self.phrasing.speaker.settle(rng)
            self._planned = (self.seq, self._next(rng))
        return self._planned[1]

    def _open(self) -> list[Errand]:
        return [errand for errand in self.errands if errand.opened and not errand.finished]

    def _next(self, rng: random.Random) -> Step:
        if not any(errand.opened for errand in self.errands):
            return self._begin(rng)
        text = self.last
        if self.hands.shown:
            return self._tell_shown(rng)
        if calls := self._own_calls(text, rng):
            return Step("", calls=calls)
        asked = asked_of(self._open(), text, self.language)
        fresh = [pair for pair in asked if pair[1] not in pair[0].told or pair[0].misled(pair[1])]
        if fresh or (asked and not reading.refuses(text) and not reading.offers_more(text)):
            return Step(self._answers(asked, rng))
        if any(errand.words.wish.refusal for errand in self._open()) and reading.refuses(text):
            return self._refused(rng)
        if reading.asks_to_confirm(text):
            return self._confirm(rng)
        if reading.offers_more(text) or self._told_something() or (reading.reports_done(text) and not reading.refuses(text)):
            return self._served(rng)
        if self._open() and reading.refuses(text):
            return self._refused(rng)
        if reading.says_goodbye(text) or not self._open():
            return self._leave(rng)
        return self._puzzled(text, rng)

    # One's own side.

    def _own_calls(self, text: str, rng: random.Random) -> list[ToolCall]:
        """What the agent asks one to do on one's own side, in a domain with which one has something open."""
        calls = []
        here = {name for errand in self._open() for name in errand.names.values()}
        for name in (name for name in self.hands.wanted(text) if name in here):
            steps = [step for errand in self._open() for step in script_steps(errand.steps, errand.acted, name, errand.names)]
            if call := self.hands.call(name, text, steps, rng):
                calls.append(call)
        return calls

    def _tell_shown(self, rng: random.Random) -> Step:
        """What came of it, and what was asked beside."""
        told = " ".join(self.hands.report(shown, self.phrasing, rng) for shown in self.hands.shown)
        parts = [self.phrasing.say("shown", rng, line=told)]
        asked = [pair for pair in asked_of(self._open(), self.last, self.language) if pair[1] not in pair[0].told]
        if asked:
            parts.append(self._answers(asked, rng))
        return Step(self.phrasing.join(parts))

    # Bringing up wishes.

    def _begin(self, rng: random.Random) -> Step:
        indexes = list(range(len(self.errands))) if self.scenario.at_once else [0]
        parts: list[str] = []
        opening = self.telling.bring_up(indexes[0], rng, first=True)
        parts.append(self.phrasing.greeted(opening, rng))
        for i in indexes[1:]:
            parts += [self.phrasing.say("also", rng), self.telling.bring_up(i, rng, first=False)]
        return Step(self.phrasing.join(parts), opened=indexes)

    # Answering.

    def _answers(self, asked: list[tuple[Errand, str]], rng: random.Random) -> str:
        return self.telling.answers(asked, rng, impatient=self.questions > self.persona.patience + 1)

    def _confirm(self, rng: random.Random) -> Step:
        for i, errand in enumerate(self.errands):
            change = errand.words.wish.change
            if errand.opened and not errand.finished and change and change.when == "before" and not errand.changed:
                return Step(self.telling.new_mind(errand, rng), changed=i)
        yes = self.phrasing.say("affirm", rng)
        following = next((i for i, errand in enumerate(self.errands) if not errand.opened), None)
        if self.early and following is not None:
            return Step(
                self.phrasing.join([yes, self.phrasing.say("next_topic", rng), self.telling.bring_up(following, rng, first=False)]),
                opened=[following],
            )
        return Step(self.phrasing.join([yes]))

    # Reports, refusals, the end.

    def _told_something(self) -> bool:
        return any(mentions(self.heard, tell.value, tell.kind) for errand in self._open() for tell in errand.tells)

    def _served(self, rng: random.Random) -> Step:
        done = self._finished_now()
        for i in done:
            errand = self.errands[i]
            if errand.words.wish.change and not errand.changed:
                return Step(self.telling.new_mind(errand, rng), changed=i)
        forgotten = [i for i, errand in enumerate(self.errands) if errand.opened and not errand.finished and i not in done]
        if forgotten and not self.lost:
            text = [self.phrasing.say("next_topic", rng), self.telling.bring_up(forgotten[0], rng, first=False)]
            return Step(self.phrasing.join(text), finished=done, lost=True)
        return self._go_on(rng, done)

    def _finished_now(self) -> list[int]:
        open_now = [i for i, errand in enumerate(self.errands) if errand.opened and not errand.finished]
        if self.scenario.at_once or len(open_now) < 2:
            return open_now
        return [i for i in open_now if self.errands[i].reported] or open_now[:1]

    def _go_on(self, rng: random.Random, done: list[int], lead: str = "", refused: list[int] | None = None) -> Step:
        following = next((i for i, errand in enumerate(self.errands) if not errand.opened), None)
        if following is not None:
            parts = [lead, self.phrasing.say("next_topic", rng), self.telling.bring_up(following, rng, first=False)]
            return Step(self.phrasing.join(parts), opened=[following], finished=done, refused=refused or [])
        left = [i for i, e in enumerate(self.errands) if not e.finished and i not in done and i not in (refused or [])]
        text = self.phrasing.closing(rng, asked=reading.offers_more(self.last)) if not refused else self.phrasing.say("accept_refusal", rng)
        return self._goodbye(text, rng, done, refused or [], failed=bool(left))

    def _refused(self, rng: random.Random) -> Step:
        index = next(i for i, errand in enumerate(self.errands) if errand.opened and not errand.finished)
        errand = self.errands[index]
        refusal = errand.words.wish.refusal
        if refusal and errand.pressed < refusal.presses:
            act = "press_tool" if refusal.kind == "no_tool" else "press"
            return Step(self.phrasing.join([self.phrasing.say(act, rng)]), pressed=index)
        lead = self.phrasing.say("accept_and_next", rng) if any(not e.opened for e in self.errands) else ""
        return self._go_on(rng, [], lead, [index])

    def _leave(self, rng: random.Random) -> Step:
        unfinished = bool(self._open())
        return self._goodbye(
            self.phrasing.say("closing_unhappy", rng) if unfinished else self.phrasing.closing(rng, asked=False),
            rng,
            [],
            [],
            failed=unfinished,
        )

    def _puzzled(self, text: str, rng: random.Random) -> Step:
        if self.lost >= PATIENCE_WITH_NOTHING:
            return self._goodbye(self.phrasing.say("closing_unhappy", rng), rng, [], [], failed=True)
        if reading.reports_problem(text) and not reading.has_question(text):
            return self._goodbye(self.phrasing.say("closing_unhappy", rng), rng, [], [], failed=True)
        return Step(self.phrasing.join([self.phrasing.say("dont_know" if reading.has_question(text) else "nudge", rng)]), lost=True)

    def _goodbye(self, text: str, rng: random.Random, done: list[int], refused: list[int], *, failed: bool) -> Step:
        denied = bool(refused) or any(errand.refused for errand in self.errands)
        satisfied = not failed and not denied
        rating = self._rating(rng, failed=failed, denied=denied)
        feedback = {
            "satisfied": satisfied,
            "rating": rating,
            "words": self.phrasing.speaker.wording.line("user", "feedback", str(rating), rng),
        }
        return Step(self.phrasing.join([text]), done=True, feedback=feedback, finished=done, refused=refused)

    def _rating(self, rng: random.Random, *, failed: bool, denied: bool) -> int:
        if failed:
            return rng.choice([1, 1, 2])
        if denied:
            return 3 if self.persona.mood != "grumpy" and rng.random() < 0.5 else 2
        weary = self.questions > self.persona.patience + 2 or self.persona.mood == "grumpy"
        return rng.choice([3, 4, 4] if weary else [4, 5, 5, 5])

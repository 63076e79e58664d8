"""What a scripted user tells of its wishes: openings, answers and changed minds, each without what its script keeps back."""

import random
from collections.abc import Sequence

from synthesis.engine.language.grounding import Variant, WishWords
from synthesis.engine.participants.errand import Errand
from synthesis.engine.participants.user_phrasing import UserPhrasing


class Telling:
    """Composes the lines about ``errands`` in the words of ``phrasing``; ``at_once``: all of them are brought up in one message."""

    def __init__(self, errands: Sequence[Errand], phrasing: UserPhrasing, *, at_once: bool) -> None:
        self.errands, self.phrasing, self.at_once = errands, phrasing, at_once

    def bring_up(self, index: int, rng: random.Random, *, first: bool) -> str:
        """The opening of a wish with the facts that its script lets the user say at once."""
        errand = self.errands[index]
        words = errand.words
        line = self.phrasing.opening(words, rng, first=first, avoid=errand.secrets(opening=True), preference=bool(words.wish.hides))
        known = {**self._told_before(words), **words.told(line)}
        keys = [
            fact.key
            for fact in words.wish.facts
            if fact.key not in known and fact.key not in words.wish.withheld and fact.key not in words.wish.hides
        ]
        if words.wish.refusal and words.wish.refusal.kind == "no_tool":
            keys = keys[: rng.randrange(3)] if len(keys) > 2 else keys
        first_needed = set(words.wish.steps[0].needs) if words.wish.steps else set()
        if first_needed and rng.random() < 0.5:
            keys.sort(key=lambda key: key in first_needed)
        facts = [self.phrasing.answer(words, key, errand.variant(key), rng, errand.secrets()) for key in keys]
        aside = self.phrasing.aside(rng) if first else ""
        return " ".join(part for part in (line, aside, self.phrasing.sentences(facts, rng)) if part)

    def _told_before(self, words: WishWords) -> dict[str, Variant]:
        """Facts of a new wish that the agent has heard with the same value for an earlier one."""
        told: dict[str, Variant] = {}
        for errand in self.errands:
            for key, variant in errand.told.items():
                mine, other = words.facts.get(key), errand.words.facts[key]
                if mine and variant == "right" and mine.value == other.value:
                    told[key] = "right"
        if self.at_once:
            for errand in self.errands:
                if errand.words is words:
                    break
                told |= {f.key: "right" for f in errand.words.wish.facts if f.key in words.facts and words.facts[f.key].value == f.value}
        return told

    def answers(self, asked: list[tuple[Errand, str]], rng: random.Random, *, impatient: bool) -> str:
        """What was ``asked`` (errands and fact keys), some of it not for the first time."""
        parts: list[str] = []
        again = [key for errand, key in asked if key in errand.told and not errand.misled(key)]
        if impatient and rng.random() < 0.4:
            parts.append(self.phrasing.say("impatience", rng))
        elif len(again) == len(asked) and self.phrasing.persona.brevity != "terse":
            parts.append(self.phrasing.say("repeat", rng))
        facts: list[str] = []
        for errand, key in asked:
            if key in errand.words.wish.hides:
                parts.append(self.phrasing.say("use_profile", rng))
                continue
            if errand.misled(key):
                parts = [self.phrasing.say("correct", rng)]
            facts.append(self.phrasing.answer(errand.words, key, errand.variant(key), rng, errand.secrets()))
        return self.phrasing.join([*parts, self.phrasing.sentences(facts, rng)])

    def new_mind(self, errand: Errand, rng: random.Random) -> str:
        """The wish as it is wanted from now on."""
        words = errand.words
        assert words.wish.change
        variants: dict[str, Variant] = dict.fromkeys(words.wish.change.facts, "changed")

        def tells_new(line: str) -> bool:
            return "changed" in words.told(line, changed=True).values()

        text = self.phrasing.speaker.line(words.phrases.adjust, words, rng, variants=variants, changed=True, accept=tells_new)
        parts = [text] if text else []
        told = words.told(text or "", changed=True)
        parts += [self.phrasing.answer(words, key, "changed", rng) for key in variants if told.get(key) != "changed"]
        return self.phrasing.join(parts)

"""Which facts of a wish a text tells, and in which variant: the right value, the wrong one of a slip of the tongue, or the one after a
changed mind.

This is the one place that decides whether a fact was told; the scripted agent acts on it, the scripted user keeps its script by it, and
checks may ask it too.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

import msgspec

from synthesis.engine.language.recognise import plain
from synthesis.engine.language.values import find_last
from synthesis.engine.packs.holes import HOLE, MissingValue, holes, lookup, resolve
from synthesis.engine.packs.model import Intent
from synthesis.engine.scenarios.scenario import Fact, Wish

Variant = Literal["right", "wrong", "changed"]


class Candidate(msgspec.Struct, frozen=True):
    """One value that a fact may be told with. ``words`` say it otherwise (an enum's code in plain words), in any language."""

    key: str
    value: Any
    kind: str
    variant: Variant
    words: tuple[str, ...] = ()


class WishWords:
    """A wish together with its pack's wordings in one language: what wordings may name, and which facts a text tells."""

    def __init__(self, wish: Wish, intent: Intent, language: str) -> None:
        self.wish, self.intent, self.language = wish, intent, language
        self.phrases = intent.phrases[language]
        self.facts: dict[str, Fact] = {fact.key: fact for fact in wish.facts}
        self.kinds = {fact.key: "text" if fact.said.get(language) else fact.kind for fact in wish.facts}
        self.candidates = list(self._candidates())

    def _candidates(self) -> list[Candidate]:
        found = [Candidate(f.key, f.value, f.kind, "right", tuple(f.said.values())) for f in self.wish.facts]
        if self.wish.wrong:
            fact = self.facts[self.wish.wrong.key]
            found.append(Candidate(fact.key, self.wish.wrong.value, fact.kind, "wrong"))
        if self.wish.change:
            for key, value in self.wish.change.facts.items():
                found.append(
                    Candidate(key, value, self.facts[key].kind, "changed", tuple(self._said(key, self.wish.change.bindings).values()))
                )
        return found

    def _said(self, key: str, bindings: Mapping[str, Any]) -> dict[str, str]:
        knowledge = self.intent.knows.get(key)
        return {language: str(resolve(text + " ", bindings)).strip() for language, text in knowledge.said.items()} if knowledge else {}

    def scope(self, changed: bool) -> dict[str, Any]:
        """The bound values that wordings may name; ``changed``: those after the changed mind."""
        return self.wish.change.bindings if changed and self.wish.change else self.wish.bindings

    def exact(self, variants: Mapping[str, Variant]) -> dict[str, Any]:
        """The facts by key as wordings say them: the right values, but those of ``variants`` where named."""
        values = {fact.key: fact.said.get(self.language) or fact.value for fact in self.wish.facts}
        for key, variant in variants.items():
            if variant == "wrong" and self.wish.wrong and self.wish.wrong.key == key:
                values[key] = self.wish.wrong.value
            elif variant == "changed" and self.wish.change and key in self.wish.change.facts:
                values[key] = self._said(key, self.wish.change.bindings).get(self.language) or self.wish.change.facts[key]
        return values

    def told(self, text: str, *, changed: bool = False) -> dict[str, Variant]:
        """The facts that ``text`` tells, by key, with the variant told last.

        Values of a changed mind count only where ``changed`` says that one may be heard: the new arrival may be the old departure.
        """
        best: dict[str, tuple[int, Variant]] = {}
        for candidate in self.candidates:
            if candidate.variant == "changed" and not changed:
                continue
            place = self.place(text, candidate)
            if place >= 0 and place >= best.get(candidate.key, (0, "right"))[0]:
                best[candidate.key] = (place, candidate.variant)
        return {key: variant for key, (_, variant) in best.items()}

    def place(self, text: str, candidate: Candidate) -> int:
        """The last position at which ``text`` tells ``candidate``, or -1."""
        place = find_last(text, candidate.value, candidate.kind)
        for words in candidate.words:
            place = max(place, find_last(text, words))
        if place < 0 and not candidate.words and candidate.variant != "wrong":
            place = self._place_by_line(text, candidate)
        return place

    def _place_by_line(self, text: str, candidate: Candidate) -> int:
        """A pack's answer may say a fact without naming its value ("please send it {to.en}"): then its other words tell it."""
        scope = self.scope(candidate.variant == "changed")
        place = -1
        for line in self.phrases.answers.get(candidate.key, []):
            paths = _paths(line)
            if candidate.key in paths:
                continue
            own = [path for path in paths if path not in self.facts]
            try:
                values = [lookup(scope, path) for path in own]
            except MissingValue:
                continue
            if values and not any(value == fact.value for value in values for fact in self.facts.values()):
                places = [find_last(text, value, "text" if isinstance(value, str) else "number") for value in values]
                place = max(place, max(places) if min(places) >= 0 else -1)
            elif match := _pattern(line).search(plain(text)):
                place = max(place, match.start())
        return place

    def opens(self, text: str) -> float:
        """How much of one of the intent's opening lines stands in ``text``, 0-1."""
        lines = list(self.phrases.opening)
        if self.intent.preference:
            lines += self.intent.preference.opening.get(self.language, [])
        words = set(_words(text))
        return max((len(own & words) / len(own) for line in lines if (own := _line_words(line))), default=0.0)


@lru_cache(maxsize=4096)
def _paths(line: str) -> tuple[str, ...]:
    return tuple(hole.path for hole in holes(line))


@lru_cache(maxsize=4096)
def _pattern(line: str) -> re.Pattern[str]:
    """The words of ``line`` with anything short in place of its holes; particles and end punctuation do not count."""
    marked = re.sub(r"\([^()]*/[^()]*\)|\(n\)", "\x01", HOLE.sub("\x01", line))
    parts = [re.escape(plain(part.strip(" .!?"))) for part in marked.split("\x01")]
    return re.compile(r".{0,60}?".join(part for part in parts if part) or r"(?!)")


@lru_cache(maxsize=8192)
def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in re.findall(r"[a-z']+|[가-힣]+", plain(text)) if len(word) > 1)


@lru_cache(maxsize=4096)
def _line_words(line: str) -> frozenset[str]:
    return frozenset(_words(re.sub(r"\([^()]*/[^()]*\)", " ", HOLE.sub(" ", line))))

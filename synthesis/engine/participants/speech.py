"""How one seat finds its words: lines of its manner, values in its style, nothing said twice, and a person's typing habits."""

import random
import re
from collections.abc import Callable, Container, Mapping, Sequence
from functools import lru_cache
from typing import Any

from synthesis.engine.language.fill import fill
from synthesis.engine.language.grounding import Variant, WishWords
from synthesis.engine.language.recognise import read
from synthesis.engine.language.values import Style, style_for
from synthesis.engine.language.wording import LanguageWording
from synthesis.engine.packs.holes import HOLE, MissingValue, holes, lookup
from synthesis.engine.participants.cast import Persona

_WORDS = frozenset({"label", "labels", "line", "wants"})
"""Holes of wordings that hold words, which get a capital at the start of a sentence; the others hold values."""
_KEYS_NEARBY = {"a": "s", "e": "r", "i": "o", "o": "p", "n": "m", "t": "r", "s": "a", "r": "t", "l": "k", "c": "v", "u": "y", "d": "f"}
_LOWERED = re.compile(
    r"(?:^|(?<=[.!?] ))(?:It|My|The|That|This|Yes|Yep|Yeah|No|Nope|Thanks|Thank|Sorry|Please|Could|Can|Would|What|There|They|We|Hi|Hello"
    r"|Hey|OK|Sure|Great|And|Oh|Also|Go|Do|That's|It's|There's|Make|Just|Actually|Not|Under|One|Same|All|Right|So|Fine)\b"
)
_SPACING_KO = (
    ("해 주세요", "해주세요"),
    ("해 주시", "해주시"),
    ("할 수 ", "할수 "),
    ("있는데 ", "있는데"),
    ("거 같", "거같"),
    ("안 돼", "안돼"),
)


class Speaker:
    """One seat's mouth. ``said`` are its earlier texts: a line whose words stand there already is avoided."""

    def __init__(self, wording: LanguageWording, seat: str, manner: str, style_rng: random.Random) -> None:
        self.wording, self.seat, self.manner = wording, seat, manner
        self.language = wording.language
        self.habits: Style = style_for(style_rng)
        self.style = self.habits
        self.said = ""

    def remember(self, text: str) -> None:
        """Keep a text of one's own, so as not to repeat its lines."""
        self.said += "\n" + text

    def settle(self, rng: random.Random) -> None:
        """Choose how values are said in the next message: mostly as usual, and the same way all through it."""
        other = style_for(rng)
        self.style = self.habits if rng.random() < self.habits.steady else other

    def act(self, act: str, rng: random.Random, manner: str | None = None, **values: str) -> str:
        """One line for ``act`` in ``manner`` (one's own by default), with its holes filled by ready text."""
        lines = [line for line in self.wording.choices(self.seat, act, manner or self.manner) if self._fits(line, values)]
        line = self.fresh(lines, rng)
        return fill(line, values, {name: "text" if name in _WORDS else "id" for name in values}, self.language, self.style)

    @staticmethod
    def _fits(line: str, values: Mapping[str, str]) -> bool:
        return all(match[1] in values for match in HOLE.finditer(line) if match[1])

    def fresh(self, lines: Sequence[str], rng: random.Random) -> str:
        """One of ``lines`` that was not used before, as far as there is one."""
        unused = [line for line in lines if _stem(line) not in self.said]
        return rng.choice(unused or list(lines))

    def line(
        self,
        lines: Sequence[str],
        words: WishWords,
        rng: random.Random,
        *,
        variants: Mapping[str, Variant] | None = None,
        changed: bool = False,
        results: Mapping[str, Any] | None = None,
        accept: Callable[[str], bool] | None = None,
        literal: Callable[[str], str] | None = None,
        order: Callable[[str], float] | None = None,
        seen: Container[Any] | None = None,
    ) -> str | None:
        """One of a pack's ``lines``, filled; None when none can be filled and is accepted.

        ``variants`` and ``changed`` say which values of the wish hold, ``results`` are what tools gave, ``order`` ranks lines (smaller
        first, ties at random). With ``seen``, lines that would state a date, an amount or an id that is not among those values are left
        out.
        """
        pool = list(lines)
        rng.shuffle(pool)
        scope = {**words.scope(changed), **(results or {})}
        exact = words.exact(variants or {})

        if seen is not None:
            pool = [template for template in pool if all(_borne_out(hole.path, exact, scope, seen) for hole in holes(template))]
        pool.sort(key=lambda template: (_stem(template) in self.said, order(template) if order else 0))
        for template in pool:
            try:
                text = fill(template, scope, words.kinds, self.language, self.style, literal, exact)
            except MissingValue:
                continue
            if accept is None or accept(text):
                return text
        return None


def _borne_out(path: str, exact: Mapping[str, Any], scope: Mapping[str, Any], seen: Container[Any]) -> bool:
    """Whether the value at ``path`` was seen, or is of a kind that needs no source (a small count, a plain word)."""
    try:
        value = exact[path] if path in exact else lookup(scope, path)
    except MissingValue:
        return False
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value in seen:
        return True
    if isinstance(value, str):
        return _phrase_borne_out(value, seen)
    return abs(value) < 100


def _phrase_borne_out(text: str, seen: Container[Any]) -> bool:
    """Whether the amounts in a ready-made phrase ("for 9 dollars in all") were seen; an id or a moment must have been seen whole."""
    if " " in text:
        return all(cents in seen for _, cents in read(text).amounts)
    return len(re.findall(r"\d", text)) < 3


@lru_cache(maxsize=8192)
def _stem(line: str) -> str:
    """The longest piece of a line between its holes: what shows that it was used before."""
    pieces = re.split(r"\([^()]*/[^()]*\)|\(n\)", HOLE.sub("(/)", line))
    return max(pieces, key=len).strip() or "\x00"


class Typing:
    """A persona's typing habits. Only words between values are touched, so that facts stay readable."""

    def __init__(self, persona: Persona, rng: random.Random) -> None:
        self.rate, self.language = persona.typos, persona.language
        self.lower = (
            persona.language == "en"
            and persona.formality == "casual"
            and (persona.brevity == "terse" or persona.typos > 0.02)
            and rng.random() < 0.6
        )
        self.loose_end = self.lower and rng.random() < 0.7

    def literal(self, rng: random.Random) -> Callable[[str], str] | None:
        """A function that mistypes words at the persona's rate; None for careful typists."""
        if not self.rate:
            return None
        return lambda words: self._korean(words, rng) if self.language == "ko" else self._english(words, rng)

    def _english(self, words: str, rng: random.Random) -> str:
        parts = re.split(r"(\s+)", words)
        return "".join(
            self._mistyped(part, rng) if len(part) > 3 and part.isalpha() and part.islower() and rng.random() < self.rate else part
            for part in parts
        )

    @staticmethod
    def _mistyped(word: str, rng: random.Random) -> str:
        at = rng.randrange(1, len(word) - 1)
        way = rng.random()
        if way < 0.45:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        if way < 0.75:
            return word[:at] + word[at + 1 :]
        return word[:at] + _KEYS_NEARBY.get(word[at], word[at] * 2) + word[at + 1 :]

    def _korean(self, words: str, rng: random.Random) -> str:
        for proper, loose in _SPACING_KO:
            if proper in words and rng.random() < self.rate * 8:
                words = words.replace(proper, loose)
        return words

    def habit(self, text: str) -> str:
        """The whole message as this person types it: some never use capitals or a last full stop."""
        if self.lower:
            text = _LOWERED.sub(lambda match: match[0].lower(), text)
        return text[:-1] if self.loose_end and text.endswith(".") and not text.endswith("..") else text

"""One wish as a scripted user keeps it in mind: how far it has come, what is asked of it, what may be told."""

from collections.abc import Sequence
from typing import Any

import msgspec

from synthesis.engine.language import reading
from synthesis.engine.language.grounding import Variant, WishWords
from synthesis.engine.scenarios.scenario import Fact, Step, Tell


class Errand(msgspec.Struct):
    """One wish as the user keeps it in mind."""

    words: WishWords
    opened: bool = False
    finished: bool = False
    refused: bool = False
    pressed: int = 0
    changed: bool = False
    reported: bool = False
    told: dict[str, Variant] = {}
    names: dict[str, str] = {}
    acted: frozenset[int] = frozenset()
    """Steps of the user's own side that are done."""

    @property
    def steps(self) -> list[Step]:
        """The steps of the wish as it now stands."""
        change = self.words.wish.change
        return change.steps if change and self.changed else self.words.wish.steps

    @property
    def tells(self) -> list[Tell]:
        """What the user waits to hear: of the wish as it now stands."""
        change = self.words.wish.change
        return change.tells if change and self.changed else self.words.wish.tells

    def variant(self, key: str) -> Variant:
        """The variant in which the user now tells ``key``."""
        wish = self.words.wish
        if self.changed and wish.change and key in wish.change.facts:
            return "changed"
        if wish.wrong and wish.wrong.key == key and key not in self.told:
            return "wrong"
        return "right"

    def misled(self, key: str) -> bool:
        """Whether the agent has the wrong value of ``key`` that the script has the user give first."""
        wrong = self.words.wish.wrong
        return wrong is not None and wrong.key == key and self.told.get(key) == "wrong"

    def secrets(self, *, opening: bool = False) -> list[tuple[object, str]]:
        """Values that the next line must not give away: the right one while the wrong one stands, the fact that tells twins apart, what
        is left to a preference.
        """
        wish, facts = self.words.wish, self.words.facts
        secrets: list[tuple[object, str]] = []
        if wish.wrong and self.told.get(wish.wrong.key) != "right" and not (self.told.get(wish.wrong.key) == "wrong" and not opening):
            secrets.append((facts[wish.wrong.key].value, facts[wish.wrong.key].kind))
        if opening:
            secrets += [(facts[key].value, facts[key].kind) for key in wish.withheld]
        if opening and wish.change:
            secrets += [(value, facts[key].kind) for key, value in wish.change.facts.items()]
        return secrets


def asked_of(errands: Sequence[Errand], text: str, language: str) -> list[tuple[Errand, str]]:
    """What the agent's ``text`` asks for of ``errands``: pairs of errand and fact key, each fact once.

    It is read in the user's ``language``, and where that finds nothing in its own.
    """
    pairs: list[tuple[Errand, str]] = []
    values: list[tuple[str, Any]] = []
    for errand in errands:
        facts: list[Fact] = errand.words.wish.facts
        keys = reading.asks(text, facts, language) or reading.asks(text, facts, reading.language_of(text))
        if errand.words.wish.choice and reading.asks_which(text) and errand.words.wish.choice.key not in errand.told:
            keys = {errand.words.wish.choice.key}
        for fact in facts:
            if fact.key in keys and (fact.key, fact.value) not in values:
                pairs.append((errand, fact.key))
                values.append((fact.key, fact.value))
    return pairs

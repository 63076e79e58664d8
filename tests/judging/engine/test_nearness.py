"""What says the same in other words, found by vectors of which only signs stand in memory."""

import math
import random

import pytest

from judging.engine.filters import Candidate, Decision, Rule, Tally, sift
from judging.engine.nearness import Nearness, signs_of, similarity

NUMBERS = 256


def unit(values: list[float]) -> tuple[float, ...]:
    length = math.hypot(*values)
    return tuple(value / length for value in values)


def vector(seed: int) -> tuple[float, ...]:
    rng = random.Random(seed)
    return unit([rng.gauss(0, 1) for _ in range(NUMBERS)])


def beside(one: tuple[float, ...], cosine: float, seed: int) -> tuple[float, ...]:
    """A vector at that cosine to ``one``."""
    other = vector(seed)
    along = similarity(one, other)
    across = unit([b - along * a for a, b in zip(one, other, strict=True)])
    return tuple(cosine * a + math.sqrt(1 - cosine**2) * c for a, c in zip(one, across, strict=True))


def digest(number: int) -> str:
    return f"{number:064x}"


def candidate(number: int, index: int | None = None) -> Candidate:
    return Candidate(number if index is None else index, "", True, "", 5.0, [], digest(number), digest(1000 + number))


def test_of_many_every_twin_is_found_and_nothing_else() -> None:
    known = {digest(number): vector(number) for number in range(300)}
    twins = {300 + number: number for number in range(0, 300, 3)}
    known |= {digest(twin): beside(known[digest(of)], 0.96, 5000 + twin) for twin, of in twins.items()}
    near = Nearness(0.95, lambda digests: {one: known[one] for one in digests if one in known})
    near.prepare(list(known))
    for number in range(300):
        assert near.twin(digest(number)) is None
        near.keep(number, digest(number))
    found = {twin: near.twin(digest(twin)) for twin in twins}
    assert {twin: one and one.index for twin, one in found.items()} == twins
    assert all(signs.bit_length() <= NUMBERS for signs, _index, _digest in near.kept), "no vector is remembered"


@pytest.mark.parametrize(("cosine", "is_twin"), [(0.94, False), (0.951, True)])
def test_the_bound_is_the_cosine(cosine: float, is_twin: bool) -> None:
    known = {digest(1): vector(1), digest(2): beside(vector(1), cosine, 9)}
    near = Nearness(0.95, lambda digests: {one: known[one] for one in digests})
    near.prepare(list(known))
    near.keep(1, digest(1))
    assert (near.twin(digest(2)) is not None) == is_twin


def test_the_gate_comes_last_names_the_kept_one_and_knows_nothing_of_what_has_no_vector() -> None:
    known = {digest(1): vector(1), digest(2): beside(vector(1), 0.99, 9), digest(3): vector(3)}
    near = Nearness(0.95, lambda digests: {one: known[one] for one in digests if one in known})
    near.prepare([digest(number) for number in range(1, 5)])
    tally = Tally()
    rows = [candidate(1), candidate(2), candidate(2, index=7), candidate(3), candidate(4)]
    decisions = [decision for _candidate, decision in sift(rows, Rule(meaning="vectors"), tally, near)]
    assert decisions == [
        Decision(1),
        Decision(2, "semantic_duplicate", "the same in other words", 1),
        Decision(7, "semantic_duplicate", "the same in other words", 1),
        Decision(3),
        Decision(4),
    ]
    assert tally.counts()["gates"]["semantic_duplicate"] == {"removed": 2, "reasons": {"the same in other words": 2}}
    assert list(tally.counts()["gates"])[-1] == "semantic_duplicate"
    kept = [decision for _candidate, decision in sift(rows, Rule(meaning="vectors", duplicates=True), Tally(), near)]
    assert not any(decision.gate for decision in kept)


def test_a_rule_keeps_its_name_unless_it_asks_for_meaning() -> None:
    assert Rule().body() == Rule(alike=0.7).body()
    assert Rule(meaning="vectors", alike=0.7).body()["alike"] == 0.7
    assert signs_of((0.5, -0.5, 0.0, 0.1)) == 0b1001

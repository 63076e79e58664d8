"""Gates and duplicates."""

import hashlib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from judging.engine.filters import GATES, Candidate, Decision, Rule, Tally, sift


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def candidate(index: int, **more: Any) -> Candidate:
    plain: dict[str, Any] = {
        "flaw": "",
        "passed": True,
        "failure": "",
        "overall": 5.0,
        "hard_fails": [],
        "exact": digest(f"e{index}"),
        "structural": digest(f"s{index}"),
    }
    return Candidate(index, **(plain | more))


def decided(*candidates: Candidate, rule: Rule | None = None) -> tuple[list[Decision], Tally]:
    tally = Tally()
    return [decision for _, decision in sift(candidates, rule or Rule(), tally)], tally


def test_each_gate_removes_for_its_reason_in_order() -> None:
    decisions, tally = decided(
        candidate(0),
        candidate(1, flaw="a result without its call", passed=False),
        candidate(2, passed=False, failure="agent: wrong_record", overall=0.0, hard_fails=["tool_use"]),
        candidate(3, overall=1.0, hard_fails=["policy"]),
        candidate(4, overall=4.4),
        candidate(5, overall=None),
        candidate(6, exact=digest("e0")),
        candidate(7, structural=digest("s0")),
    )
    assert [(d.gate, d.reason, d.twin) for d in decisions] == [
        ("", "", None),
        ("valid", "a result without its call", None),
        ("checks", "agent: wrong_record", None),
        ("hard", "policy", None),
        ("quality", "overall below 4.5", None),
        ("quality", "not judged", None),
        ("exact_duplicate", "the same messages", 0),
        ("structural_duplicate", "the same calls to the same end", 0),
    ]
    counts: Any = tally.counts()
    assert (counts["offered"], counts["kept"]) == (8, 1)
    assert [gate for gate in GATES if gate in counts["gates"]] == list(counts["gates"])
    assert {gate: told["removed"] for gate, told in counts["gates"].items()} == {
        "valid": 1,
        "checks": 1,
        "hard": 1,
        "quality": 2,
        "exact_duplicate": 1,
        "structural_duplicate": 1,
    }


def test_the_rule_decides() -> None:
    failing = candidate(0, passed=False, failure="agent: x", overall=4.0)
    assert decided(failing, rule=Rule(threshold=3.5, passed_only=False))[0][0].gate == ""
    assert decided(failing, rule=Rule(threshold=3.5))[0][0].gate == "checks"
    twins = [candidate(0), candidate(1, exact=digest("e0"))]
    assert [d.gate for d in decided(*twins, rule=Rule(duplicates=True))[0]] == ["", ""]


def test_a_floor_removes_what_is_good_enough_otherwise() -> None:
    rule = Rule(floors={"grounding": 4.5})
    decisions, tally = decided(candidate(0, low="grounding"), candidate(1, overall=4.0, low="grounding"), candidate(2), rule=rule)
    assert [(d.gate, d.reason) for d in decisions] == [("floor", "grounding below 4.5"), ("quality", "overall below 4.5"), ("", "")]
    assert tally.counts()["gates"]["floor"] == {"removed": 1, "reasons": {"grounding below 4.5": 1}}


def test_a_rule_is_stored_without_what_it_does_not_say() -> None:
    assert Rule().body() == {"threshold": 4.5, "passed_only": True, "duplicates": False}
    said = Rule(threshold=4, floors={"policy": 3.0}, domains=["clinic"])
    assert said.body() == {"threshold": 4, "passed_only": True, "duplicates": False, "floors": {"policy": 3.0}, "domains": ["clinic"]}


def test_a_removed_one_is_nobodys_twin() -> None:
    decisions, _ = decided(candidate(0, flaw="broken"), candidate(1, exact=digest("e0")))
    assert decisions[1].gate == ""


def test_the_mean_is_of_kept_rows() -> None:
    _, tally = decided(candidate(0), candidate(1, overall=4.6), candidate(2, overall=1.0))
    assert tally.mean_quality == 4.8
    assert decided()[1].mean_quality is None


_CANDIDATES = st.lists(st.tuples(st.sampled_from([3.0, 4.6, 5.0]), st.integers(0, 4), st.integers(0, 4)), max_size=30).map(
    lambda rows: [candidate(i, overall=o, exact=digest(f"e{e}"), structural=digest(f"s{s}")) for i, (o, e, s) in enumerate(rows)]
)


@given(_CANDIDATES, st.randoms())
def test_what_is_kept_does_not_depend_on_the_order_of_arrival(candidates: list[Candidate], rng: Any) -> None:
    def kept(rows: list[Candidate]) -> list[Decision]:
        ordered = sorted(rows, key=lambda c: (-(c.overall or 0), c.index))
        return sorted(decided(*ordered)[0], key=lambda d: d.index)

    shuffled = list(candidates)
    rng.shuffle(shuffled)
    decisions = kept(candidates)
    assert decisions == kept(shuffled)
    survivors = [candidates[d.index] for d in decisions if not d.gate]
    assert len({c.exact for c in survivors}) == len({c.structural for c in survivors}) == len(survivors)
    for decision in decisions:
        if decision.twin is not None:
            twin, own = candidates[decision.twin], candidates[decision.index]
            assert not decisions[decision.twin].gate
            assert (-(twin.overall or 0), twin.index) < (-(own.overall or 0), own.index)


def test_people_outrank_checks_and_judges_in_both_directions() -> None:
    decisions, tally = decided(
        candidate(0, human="drop"),
        candidate(1, human="fix"),
        candidate(2, human="keep", passed=False, failure="agent: wrong_record", overall=1.0, hard_fails=["policy"]),
        candidate(3, human="keep", flaw="a result without its call"),
    )
    assert [decision.gate for decision in decisions] == ["review", "review", "", "valid"]
    assert tally.counts()["gates"]["review"]["reasons"] == {"a reviewer dropped it": 1, "a reviewer says it must be fixed first": 1}

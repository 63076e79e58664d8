"""The checks of the user on hand-made transcripts: what its script withholds, what it knows, how long it stays."""

import msgspec

from judging.engine.attribution import attribute
from judging.engine.checks.registry import run_checks
from synthesis.engine.scenarios.scenario import Fact
from tests.judging.builders import (
    OPENING,
    PROPOSAL,
    WISH,
    Talk,
    case,
    failing,
    finish,
    found,
    good,
    moved,
    results,
    scenario,
)


def test_the_user_keeps_its_script() -> None:
    gradual = scenario("gradual", [msgspec.structs.replace(WISH, withheld=["phone"])])
    result = results(good(), gradual)["reveals_when_asked"]
    assert result.failed
    assert (result.party, result.tag, result.evidence) == ("user", "revealed_early", [1])
    talk = (
        Talk()
        .user("Hi, I need to move Mochi's visit to March 9 at 10:30.")
        .agent("Sure. Could I have the phone number on file?")
        .user("555-0123.")
    )
    talk = finish(moved(found(talk).agent(PROPOSAL).user("Yes, please.")))
    assert failing(talk, gradual) == set()
    hidden = scenario("preference", [msgspec.structs.replace(WISH, hides=["new_time"])])
    assert results(good(), hidden)["reveals_when_asked"].tag == "script_left"


def test_a_day_that_is_part_of_a_moment_is_not_revealed_by_telling_the_moment() -> None:
    day = Fact("old_day", "2026-03-09", "date", {"en": "the day of the visit"}, {"en": ["day"]})
    wish = msgspec.structs.replace(WISH, facts=[*WISH.facts, day], withheld=["old_day"])
    assert "reveals_when_asked" not in failing(good(), scenario("gradual", [wish]))
    alone = found(Talk().user("Move Mochi's visit of March 9, 555-0123."))
    assert "reveals_when_asked" in failing(alone, scenario("gradual", [wish]), matches=False)


def test_the_user_invents_nothing_and_stays() -> None:
    talk = Talk().user("It's visit A-99999 of 555-0123, move it to March 9 at 10:30.")
    assert "invents_nothing" in failing(talk)
    left = found(Talk().user(OPENING)).agent(PROPOSAL).user("Never mind, bye.", done=True).end()
    assert "stays_to_the_end" in failing(left, matches=False)
    assert attribute(run_checks(case(left, matches=False))).party == "user"  # type: ignore[union-attr]


def test_a_user_that_hears_nothing_leaves_early() -> None:
    assert "stays_to_the_end" in failing(Talk().user("Hello? Bye.", done=True).end(), matches=False)

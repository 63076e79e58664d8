"""Which facts a text tells."""

from typing import Any

import msgspec

from synthesis.engine.language.grounding import WishWords
from synthesis.engine.packs.model import Intent, Knowledge, Phrases
from synthesis.engine.scenarios.scenario import Change, Fact, Wish, WrongValue

PHRASES = Phrases(
    opening=["I want to move a booking.", "My plans for {place.en} have changed, can we move it?"],
    answers={"ref": ["It's {ref}."], "how": ["Please send it {how.en}.", "The usual way."], "arrive": ["On {arrive}."]},
)
INTENT = Intent(
    id="move",
    bind="",
    wants={"en": "Move.", "ko": "옮기기."},
    phrases={"en": PHRASES, "ko": PHRASES},
    knows={"kind": Knowledge("{kind.code}", said={"en": "{kind.en}", "ko": "{kind.ko}"})},
)


def words(**changes: Any) -> WishWords:
    wish = Wish(
        intent="move",
        bindings={"how": {"en": "by courier"}, "kind": {"code": "lost", "en": "gone missing", "ko": "분실"}, "place": {"en": "Rome"}},
        wants={"en": "Move."},
        facts=[
            Fact("ref", "AB1234", "id"),
            Fact("how", "courier_24"),
            Fact("kind", "lost", said={"en": "gone missing", "ko": "분실"}),
            Fact("arrive", "2026-08-03", "date"),
            Fact("leave", "2026-08-06", "date"),
        ],
        steps=[],
        tells=[],
    )
    return WishWords(msgspec.structs.replace(wish, **changes), INTENT, "en")


def test_a_value_its_words_or_its_line_tell_a_fact() -> None:
    assert words().told("It's ab 1234 and it has gone missing.") == {"ref": "right", "kind": "right"}
    assert words().told("Please send it by courier.") == {"how": "right"}
    assert words().told("the usual way") == {"how": "right"}
    assert words().told("분실이에요") == {"kind": "right"}
    assert words().told("No idea.") == {}


def test_the_value_said_last_counts() -> None:
    wrong = words(wrong=WrongValue("ref", "AB1243", False, 0))
    assert wrong.told("It's AB1243.") == {"ref": "wrong"}
    assert wrong.told("Not AB1243, it's AB1234.") == {"ref": "right"}


def test_a_changed_mind_is_heard_only_where_it_may_be() -> None:
    change = Change("before", {"arrive": "2026-08-06", "leave": "2026-08-07"}, {}, [], [])
    both = words(change=change)
    opening = "We'd arrive on August 3 and leave on August 6."
    assert both.told(opening) == {"arrive": "right", "leave": "right"}
    assert both.told("In on August 6, out on August 7.", changed=True) == {"arrive": "changed", "leave": "changed"}


def test_wordings_name_facts_by_key() -> None:
    assert words().exact({})["kind"] == "gone missing"
    assert words(wrong=WrongValue("ref", "AB1243", False, 0)).exact({"ref": "wrong"})["ref"] == "AB1243"


def test_an_opening_is_recognised_by_its_words() -> None:
    assert words().opens("Oh, and my plans for Rome have chagned, can we move it?") > 0.7
    assert words().opens("What's the weather like?") < 0.3

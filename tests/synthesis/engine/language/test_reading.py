"""Reading texts: every line of the wordings is read as what it is meant to be, and as nothing else."""

from collections.abc import Callable, Iterator

import pytest

from synthesis.engine.language import reading
from synthesis.engine.language.fill import fill
from synthesis.engine.language.values import Style
from synthesis.engine.participants.wording import starter_wording
from synthesis.engine.scenarios.scenario import Fact

PHONE = Fact(
    "phone",
    "555-0123",
    "id",
    {"en": "the phone number on file", "ko": "등록된 전화번호"},
    {"en": ["phone", "number"], "ko": ["전화", "번호"]},
)
HOW = Fact(
    "how",
    "lost",
    "text",
    {"en": "the circumstances, lost or stolen", "ko": "분실인지 도난인지"},
    {"en": ["lost", "stolen"], "ko": ["분실", "도난"]},
)
FACTS = [PHONE, HOW]
SAMPLES = {
    "en": {
        "labels": PHONE.label["en"],
        "label": PHONE.label["en"],
        "value": "555-0129",
        "rows": "Rex on 5 March at 2 pm or Rex on 7 March at 9 am",
        "count": "two",
        "line": "Visits within 24 hours stay as they are.",
        "wants": "Move the visit of Rex to 5 March.",
        "offers": "look up orders",
    },
    "ko": {
        "labels": PHONE.label["ko"],
        "label": PHONE.label["ko"],
        "value": "555-0129",
        "rows": "3월 5일 오후 2시 Rex, 3월 7일 오전 9시 Rex",
        "count": "두 건",
        "line": "24시간 이내의 예약은 그대로 유지됩니다.",
        "wants": "Rex 진료를 3월 5일로 옮기기.",
        "offers": "조회",
    },
}
READERS: dict[str, Callable[[str, str], bool]] = {
    "asks": lambda text, language: "phone" in reading.asks(text, FACTS, language),
    "confirm": lambda text, _: reading.asks_to_confirm(text),
    "which": lambda text, _: reading.asks_which(text),
    "refuses": lambda text, _: reading.refuses(text),
    "problem": lambda text, _: reading.reports_problem(text),
    "done": lambda text, _: reading.reports_done(text),
    "more": lambda text, _: reading.offers_more(text),
    "bye": lambda text, _: reading.says_goodbye(text),
}
MEANT: dict[str, tuple[set[str], set[str]]] = {
    "acknowledge": (set(), set()),
    "ask": ({"asks"}, set()),
    "ask_next": ({"asks"}, set()),
    "ask_again": ({"asks"}, {"problem"}),
    "cannot_go_on": ({"refuses"}, set()),
    "ask_to_do": (set(), set()),
    "ask_to_do_again": (set(), set()),
    "malformed": ({"asks", "problem"}, set()),
    "not_found": ({"asks", "problem"}, set()),
    "rejected": ({"asks", "problem"}, set()),
    "which": ({"which"}, set()),
    "propose_question": ({"confirm"}, set()),
    "propose_lead": (set(), {"done"}),
    "propose_fallback": (set(), set()),
    "joint_lead": (set(), set()),
    "reconfirm": ({"confirm"}, set()),
    "not_done": (set(), {"done"}),
    "undo_lead": (set(), set()),
    "changed": (set(), set()),
    "checking": (set(), set()),
    "doing": (set(), set()),
    "refuse_wrap": ({"refuses"}, set()),
    "refuse_hold": ({"refuses"}, set()),
    "no_tool": ({"refuses"}, set()),
    "no_tool_hold": ({"refuses"}, set()),
    "no_tool_offer": (set(), set()),
    "retry": (set(), {"problem"}),
    "slow": (set(), {"problem"}),
    "gave_up": ({"problem"}, {"refuses", "done", "bye"}),
    "failed": ({"problem"}, {"refuses"}),
    "also_tell": (set(), {"done"}),
    "done_claim": ({"done"}, set()),
    "hand_over": (set(), set()),
    "stopped_short": ({"bye"}, {"done", "more"}),
    "more": ({"more"}, set()),
    "closing": ({"bye"}, set()),
}
"""By act of the agent: what its lines must be read as, and what they may be read as besides."""


def lines(seat: str) -> Iterator[tuple[str, str, str]]:
    for language, words in starter_wording().items():
        for act, manners in words.lines[seat].items():
            for choices in manners.values():
                for line in choices:
                    yield language, act, fill(line, SAMPLES[language], dict.fromkeys(SAMPLES[language], "id"), language, Style())


@pytest.mark.parametrize(("language", "act", "text"), list(lines("agent")))
def test_agent_lines_are_read_as_what_they_are(language: str, act: str, text: str) -> None:
    must, may = MEANT[act]
    read_as = {name for name, reader in READERS.items() if reader(text, language)}
    assert must <= read_as <= must | may


@pytest.mark.parametrize(("language", "act", "text"), [entry for entry in lines("user") if entry[1] in {"affirm", "closing"}])
def test_user_lines_are_read_as_what_they_are(language: str, act: str, text: str) -> None:
    if act == "affirm":
        assert reading.affirms(text)
        assert not reading.declines(text)
    else:
        assert reading.wants_no_more(text) or reading.thanks(text)


@pytest.mark.parametrize(
    "text",
    [
        "No, leave it.",
        "Wait, not that one.",
        "Actually, could we make it Tuesday instead?",
        "아니요, 하지 마세요.",
        "잠깐만요, 3월 5일로 바꿔도 될까요?",
    ],
)
def test_what_is_not_a_yes(text: str) -> None:
    assert reading.declines(text)
    assert not reading.affirms(text)


def test_a_label_keeps_its_words_from_other_facts() -> None:
    order = Fact("order", "O-1", "id", {"en": "the order number"}, {"en": ["order"]})
    assert reading.asks("Could I have the order number?", [PHONE, order], "en") == {"order"}
    assert reading.asks("Could I have the order number and your phone?", [PHONE, order], "en") == {"order", "phone"}


@pytest.mark.parametrize(
    "text",
    [
        "I have your phone number here.",
        "Is there anything else, another phone perhaps?",
        "Shall I change the phone number?",
        "You'd need the phone for that.",
        "문의하실 때는 전화번호를 말씀해 주세요.",
    ],
)
def test_statements_and_other_questions_ask_for_nothing(text: str) -> None:
    assert reading.asks(text, [PHONE], reading.language_of(text)) == set()


def test_not_finding_is_no_refusal() -> None:
    assert not reading.refuses("I can't find a customer with that number.")
    assert reading.reports_problem("I can't find a customer with that number.")
    assert reading.refuses("I couldn't find a way, and I can't cancel it either.")
    assert not reading.refuses("찾을 수 없습니다.")


def test_sentences_do_not_end_at_abbreviations() -> None:
    assert reading.sentences("Dr. Kim is here at 2 p.m. today. Is that OK?") == ("dr. kim is here at 2 p.m. today.", "is that ok?")


def test_waiting_is_no_question() -> None:
    assert reading.asks_to_wait("One moment, let me check.")
    assert not reading.asks_to_wait("Let me check: what's your name?")


@pytest.mark.parametrize(
    ("text", "language", "asked"),
    [
        ("Please switch airplane mode off.", "en", True),
        ("Could you turn airplane mode off for a moment?", "en", True),
        ("Now turn off airplane mode and wait.", "en", True),
        ("Thanks. Open the settings. Airplane mode is off now.", "en", False),
        ("So it was airplane mode. Please have a nice day.", "en", False),
        ("Shall I leave airplane mode as it is?", "en", False),
        ("비행기 모드를 꺼 주세요.", "ko", True),
        ("비행기 모드를 꺼 주시겠어요?", "ko", True),
        ("비행기 모드가 원인이었네요.", "ko", False),
    ],
)
def test_requests_to_do_something_are_told_from_talk_about_it(text: str, language: str, asked: bool) -> None:
    words = {"en": ["airplane mode"], "ko": ["비행기 모드"]}[language]
    assert reading.asks_to_do(text, words, language) is asked

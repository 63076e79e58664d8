"""A small hand-made clinic, and a pen for writing transcripts in it line by line."""

import hashlib
from typing import Any

import msgspec

from judging.engine.case import Case
from judging.engine.checks.check import CheckResult
from judging.engine.checks.registry import run_checks
from synthesis.engine.episode.events import Event, Kind, clip
from synthesis.engine.episode.play import result_payload
from synthesis.engine.episode.ports import Verification, VerifiedCall
from synthesis.engine.episode.trajectory import read_trajectory
from synthesis.engine.packs.model import Caller, Check, Column, Pack, Rule, Table, Tool
from synthesis.engine.participants.cast import AgentProfile, Cast, Persona
from synthesis.engine.scenarios.scenario import Fact, OfferedTool, Scenario, Step, Tell, Wish, WorldRef
from synthesis.engine.tools import ToolCall, ToolError, ToolOutcome
from synthesis.engine.world.changes import RowChange

STRING = {"type": "string"}
NOW = "2026-03-02T09:15"


def tool(name: str, effect: Any, parameters: dict[str, Any], *, confirm: bool = False, description: str = "") -> Tool:
    schema = {"type": "object", "required": list(parameters), "additionalProperties": False, "properties": parameters}
    return Tool(name, description or name.replace("_", " "), effect, schema, "", confirm=confirm)


PACK = Pack(
    slug="clinic",
    name="Clinic",
    category="health/animals",
    description="Front desk of a clinic.",
    complexity=2,
    caller=Caller("owner", "owners"),
    agent="You work at the front desk of a clinic.",
    policy=[
        Rule("Identify the owner by phone number before anything else.", "identify_first"),
        Rule("Before any change get an explicit yes.", "confirm_writes"),
        Rule(
            "A visit that starts in less than 24 hours cannot be moved.",
            "day_notice",
            {
                "en": ["I'm sorry, but visits can't be moved within 24 hours of the start."],
                "ko": ["죄송하지만 시작 24시간 이내의 예약은 변경이 어렵습니다."],
            },
        ),
    ],
    checks={"identify_first": Check(before=["find_owner", "*"]), "confirm_writes": Check(confirm=["*"]), "day_notice": Check(program="")},
    tables={"owners": Table("owner_id", {"owner_id": Column(STRING)}), "visits": Table("visit_id", {"visit_id": Column(STRING)})},
    tools={
        t.name: t
        for t in (
            tool("find_owner", "read", {"phone": STRING}),
            tool("list_visits", "read", {"owner_id": {"type": "string", "ref": "owners"}}),
            tool("find_slots", "read", {"date": STRING}),
            tool(
                "move_visit",
                "write",
                {"visit_id": {"type": "string", "ref": "visits"}, "slot_id": {"type": "string", "ref": "slots"}},
                confirm=True,
            ),
            tool("add_note", "write", {"visit_id": {"type": "string", "ref": "visits"}, "text": STRING}),
        )
    },
    intents={},
)

OWNER = {"owner_id": "O-0007", "name": "Maria Lopez", "phone": "555-0123"}
VISITS = [
    {"visit_id": "A-00012", "pet": "Mochi", "starts_at": "2026-03-05T14:00"},
    {"visit_id": "A-00013", "pet": "Pixel", "starts_at": "2026-03-06T09:00"},
]
SLOTS = [{"slot_id": "S-00031", "starts_at": "2026-03-09T10:30"}, {"slot_id": "S-00032", "starts_at": "2026-03-09T15:00"}]
MOVED = {"visit_id": "A-00012", "starts_at": "2026-03-09T10:30", "fee": 4550}
DELTA: list[dict[str, Any]] = [{"table": "visits", "key": "A-00012", "before": {"slot_id": "S-00001"}, "after": {"slot_id": "S-00031"}}]

STEPS = [
    Step("find_owner", {"phone": "555-0123"}, "read", name="found", needs=["phone"], result=OWNER),
    Step("list_visits", {"owner_id": "{found.owner_id}"}, "read", name="visits", needs=["pet_name"], after=[0], result=VISITS),
    Step("find_slots", {"date": "2026-03-09"}, "read", needs=["new_time"], result=SLOTS),
    Step("move_visit", {"visit_id": "A-00012", "slot_id": "S-00031"}, "write", True, "moved", after=[1, 2], result=MOVED),
]
FACTS = [
    Fact(
        "phone",
        "555-0123",
        "id",
        {"en": "the phone number on file", "ko": "등록된 전화번호"},
        {"en": ["phone", "number"], "ko": ["전화", "번호"]},
    ),
    Fact(
        "pet_name",
        "Mochi",
        "text",
        {"en": "the name of your pet", "ko": "반려동물 이름"},
        {"en": ["pet", "name"], "ko": ["이름", "반려동물"]},
    ),
    Fact(
        "new_time",
        "2026-03-09T10:30",
        "datetime",
        {"en": "the time you would like", "ko": "원하시는 시간"},
        {"en": ["time", "when"], "ko": ["시간", "언제"]},
    ),
]
WISH = Wish(
    "move_visit",
    {"owner": OWNER, "visit": VISITS[0], "slot": SLOTS[0]},
    {"en": "Move the visit of Mochi.", "ko": "Mochi 예약 옮기기."},
    FACTS,
    STEPS,
    [Tell("{moved.starts_at}", "2026-03-09T10:30", "datetime"), Tell("{moved.fee}", 4550, "money")],
)


def scenario(variation: str = "plain", wishes: list[Wish] | None = None, tools: list[str] | None = None, **more: Any) -> Scenario:
    expected = [RowChange(**DELTA[0])]
    offered = [OfferedTool(name, "clinic", name) for name in tools or PACK.tools]
    return Scenario(
        "d" * 64, [WorldRef("clinic", "r" * 64, 1)], variation, wishes or [WISH], offered, expected, "e" * 64, 2, **({"now": NOW} | more)
    )


def cast(language: str = "en") -> Cast:
    persona = Persona("p", "Maria", "", language, "neutral", "normal", "neutral", 0.0, 3, 3)
    return Cast(persona, AgentProfile("a", "Front desk", "warm"))


class Talk:
    """Writes a log line by line. ``call`` and ``calls`` write the agent's message with the results right after it."""

    def __init__(self, language: str = "en") -> None:
        self.events: list[Event] = []
        self.turn = 0
        self.count = 0
        self.language = language
        self.digest = "0" * 64
        self._add(
            "episode_started",
            {"domain": "clinic", "scenario": "d" * 64, "cast": msgspec.to_builtins(cast(language)), "digest": self.digest},
        )

    def _add(self, kind: Kind, payload: dict[str, Any], call_id: str | None = None) -> None:
        self.events.append(Event(len(self.events), kind, self.turn, clip(str(payload.get("text", kind))), payload, call_id))

    def user(self, text: str, *, done: bool = False) -> "Talk":
        self.turn += 1
        self._add("message", {"role": "user", "text": text} | ({"done": True} if done else {}))
        return self

    def agent(self, text: str) -> "Talk":
        self._add("message", {"role": "agent", "text": text})
        return self

    def call(
        self, name: str, says: str = "", *, result: Any = None, error: str = "", delta: Any = None, fault: Any = None, **arguments: Any
    ) -> "Talk":
        return self.calls(
            (name, arguments, ToolOutcome(result, ToolError(error, f"It failed: {error}.") if error else None, delta or [], fault)),
            text=says,
        )

    def calls(self, *made: tuple[str, dict[str, Any], ToolOutcome], text: str = "") -> "Talk":
        calls = [ToolCall(f"c{self.count + i}", name, arguments) for i, (name, arguments, _) in enumerate(made)]
        self.count += len(calls)
        self._add("message", {"role": "agent", "text": text, "tool_calls": [msgspec.to_builtins(call) for call in calls]})
        for call, (_, _, outcome) in zip(calls, made, strict=True):
            if outcome.digest:
                self.digest = outcome.digest
            elif outcome.delta:
                self.digest = hashlib.sha256(self.digest.encode() + msgspec.json.encode(outcome.delta)).hexdigest()
            self._add("tool_result", result_payload(call, msgspec.structs.replace(outcome, digest=self.digest)), call.id)
        return self

    def end(self, reason: str = "user_done") -> "Talk":
        self._add("episode_ended", {"reason": reason, "digest": self.digest, "totals": {}})
        return self


def case(
    talk: Talk,
    of: Scenario | None = None,
    *,
    matches: bool = True,
    broken: dict[str, dict[str, Any]] | None = None,
    schema: dict[str, str] | None = None,
) -> Case:
    """A case with a hand-made verification: ``broken`` policy and ``schema`` errors by call id."""
    trajectory = read_trajectory(talk.events)
    checked = [
        VerifiedCall(call.id, True, [broken[call.id]] if broken and call.id in broken else [], "", (schema or {}).get(call.id))
        for call in trajectory.calls
    ]
    differences = [] if matches else ["missing: visits A-00012 changed"]
    return Case(of or scenario(), {"clinic": PACK}, trajectory, Verification(checked, [], trajectory.digest, matches, differences))


def found(talk: Talk) -> Talk:
    return (
        talk.call("find_owner", {"en": "One moment.", "ko": "잠시만요."}[talk.language], result=OWNER, phone="555-0123")
        .call("list_visits", result=VISITS, owner_id="O-0007")
        .call("find_slots", result=SLOTS, date="2026-03-09")
    )


def moved(talk: Talk) -> Talk:
    return talk.call("move_visit", result=MOVED, delta=DELTA, visit_id="A-00012", slot_id="S-00031")


def good() -> Talk:
    talk = Talk().user("Hi, I need to move Mochi's visit to March 9 at 10:30. My number is 555-0123.")
    talk = found(talk).agent("I'll move Mochi's visit from March 5 at 2 pm to March 9 at 10:30 am. Shall I go ahead?").user("Yes, please.")
    talk = moved(talk).agent("Done: Mochi is now booked for Monday, March 9 at 10:30 am. The fee is $45.50. Is there anything else?")
    return talk.user("No, that's all. Thanks, bye!", done=True).end()


def good_ko() -> Talk:
    talk = Talk("ko").user("안녕하세요, Mochi 예약을 3월 9일 오전 10시 30분으로 옮기고 싶어요. 번호는 555-0123이에요.")
    talk = (
        found(talk).agent("Mochi 예약을 3월 5일 오후 2시에서 3월 9일 오전 10시 30분으로 옮기겠습니다. 진행할까요?").user("네, 부탁드려요.")
    )
    talk = moved(talk).agent(
        "변경했습니다. Mochi는 3월 9일 오전 10시 30분으로 예약됐고 비용은 45달러 50센트입니다. 더 도와드릴 일이 있을까요?"
    )
    return talk.user("아니요, 감사합니다!", done=True).end()


PROPOSAL = "I'll move Mochi's visit from March 5 at 2 pm to March 9 at 10:30 am. Shall I go ahead?"
REPORT = "Done: Mochi is now booked for Monday, March 9 at 10:30 am. The fee is $45.50. Is there anything else?"
OPENING = "Hi, I need to move Mochi's visit to March 9 at 10:30. My number is 555-0123."
BYE = "No, that's all. Thanks, bye!"


def results(*arguments: Any, **named: Any) -> dict[str, CheckResult]:
    return {r.id: r for r in run_checks(case(*arguments, **named))}


def failing(*arguments: Any, **named: Any) -> set[str]:
    return {r.id for r in results(*arguments, **named).values() if r.failed}


def begin() -> Talk:
    return found(Talk().user(OPENING)).agent(PROPOSAL).user("Yes, please.")


def finish(talk: Talk) -> Talk:
    return talk.agent(REPORT).user(BYE, done=True).end()

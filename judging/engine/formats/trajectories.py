"""Our own plain format: the whole trajectory with where it comes from, what it changed, and who judged it how."""

from typing import Any

import msgspec

from judging.engine.formats.canonical import CanonicalMessage, call_id, conversation, normal_value
from judging.engine.formats.record import Record
from synthesis.engine.episode.trajectory import Call
from synthesis.engine.packs.function_tools import function_tool


def row(record: Record) -> dict[str, Any]:
    """One row. Nothing in it depends on a database or on time: the same seed gives the same bytes."""
    scenario, trajectory = record.scenario, record.trajectory
    language = record.cast.persona.language
    return {
        "index": record.index,
        "domain": scenario.domain,
        "release": scenario.worlds[0].release,
        "scenario": scenario.digest,
        "variation": scenario.variation,
        "intents": [wish.intent for wish in scenario.wishes],
        "wants": [wish.wants.get(language, "") for wish in scenario.wishes],
        "difficulty": scenario.difficulty,
        "language": language,
        "persona": msgspec.to_builtins(record.cast.persona),
        "agent": msgspec.to_builtins(record.cast.agent),
        "seats": record.cast.seats,
        "models": msgspec.to_builtins(dict(record.models)),
        "seeds": {"run": record.run_seed, "episode": record.episode_seed},
        "now": scenario.now,
        "worlds": msgspec.to_builtins(scenario.worlds),
        "slips": record.slip,
        "faults": {"planned": msgspec.to_builtins(scenario.faults), "struck": [_fault(call) for call in trajectory.calls if call.faulted]},
        "offered": msgspec.to_builtins(scenario.tools),
        **_own_side(record),
        "system": record.system,
        "tools": [function_tool(name, tool) for name, tool in record.tools.items()],
        "messages": [_without_nothing(msgspec.to_builtins(message)) for message in _messages(record)],
        "calls": [_call(call) for call in trajectory.all_calls],
        "end": trajectory.reason,
        "feedback": trajectory.feedback,
        "final_digest": trajectory.digest,
        "expected_digest": scenario.expected_digest,
        "judgement": msgspec.to_builtins(record.judgement),
    }


def _messages(record: Record) -> list[CanonicalMessage]:
    """The conversation, with what the user did on its own side."""
    return conversation(record.trajectory, whole=True) if record.trajectory.user_calls else record.messages


def _own_side(record: Record) -> dict[str, Any]:
    """The tools of the user's own side, where there are some."""
    own = record.scenario.user_tools
    return {"user_tools": msgspec.to_builtins(own), "callers": record.scenario.callers} if own else {}


def _fault(call: Call) -> dict[str, Any]:
    return {"call": call_id(call), **((call.outcome.fault or {}) if call.outcome else {})}


def _call(call: Call) -> dict[str, Any]:
    outcome = call.outcome
    plain: dict[str, Any] = {"id": call_id(call), "name": call.name, "arguments": normal_value(call.arguments), "event": call.seq}
    if call.requestor == "user":
        plain["requestor"] = call.requestor
    if outcome is not None:
        plain |= {"error": msgspec.to_builtins(outcome.error)} if outcome.error else {"result": normal_value(outcome.result)}
        plain |= {"delta": outcome.delta, "fault": outcome.fault, "digest": outcome.digest}
    return plain


def _without_nothing(message: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in message.items() if value not in (None, [])}

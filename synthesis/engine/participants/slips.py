"""Slips: which one a scenario has room for, where the scripted agent makes it, and how a value is got wrong.

A SlipPlan is a pure function of (scenario, kind wanted, seed). A kind that the scenario has no room for gives way to the next one of
cast.SLIPS that fits; ``premature_end`` always does.
"""

import datetime as dt
import random
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from synthesis.engine.faults.plan import is_spoilt
from synthesis.engine.language.values import ISO_DATE, ISO_MOMENT
from synthesis.engine.packs.holes import holes, leaves, single_hole
from synthesis.engine.packs.model import Pack
from synthesis.engine.participants.cast import SLIPS
from synthesis.engine.randomness import rng_for
from synthesis.engine.scenarios.scenario import Scenario, Step, Wish

FREE_WORDS = re.compile(r"note|comment|message|text|detail|description|remark|reason")
"""Names of parameters that hold words of somebody's own: another wording is not wrong."""
_DIGIT_TOKEN = re.compile(r"\d")


class SlipPlan(msgspec.Struct, frozen=True):
    """Slip ``kind`` is made in wish ``wish`` at its step ``step`` (where the kind has one); ``parameter`` is the argument that comes out
    wrong.
    """

    kind: str
    wish: int
    step: int = -1
    parameter: str = ""


def plan_slip(scenario: Scenario, pack: Pack, wanted: str, seed: int) -> SlipPlan:
    """Where and how the slip ``wanted``, or the next kind that fits, happens in ``scenario``. Raises ValueError for an unknown kind."""
    if wanted not in SLIPS:
        raise ValueError(f"{wanted} is not a kind of slip; there are {', '.join(SLIPS)}")
    start = SLIPS.index(wanted)
    scenario = msgspec.structs.replace(scenario, wishes=[wish for wish in scenario.wishes if not wish.domain])
    for kind in (*SLIPS[start:], *SLIPS[:start]):
        rng = rng_for(seed, "slip", kind)
        chances = list(_CHANCES[kind](scenario, pack))
        if chances:
            return rng.choice(chances)
    raise AssertionError("premature_end always fits")


def _live_steps(wish: Wish) -> Iterator[tuple[int, Step]]:
    """Steps that the agent really calls, unless the wish changes: then an early mistake may mend itself."""
    if not wish.change:
        yield from ((i, step) for i, step in enumerate(wish.steps) if not step.known and step.side == "agent")


def _own_writes(wish: Wish) -> list[int]:
    """What the user has to be asked to change on its own side."""
    return [i for i, step in enumerate(wish.steps) if step.side == "user" and step.effect == "write"] if not wish.change else []


def _struck(scenario: Scenario) -> set[str]:
    """Tools that a fault strikes: whether a slip there shows is up to the fault."""
    return {fault.tool for fault in scenario.faults}


def _only_one(wish: Wish, step: Step) -> bool:
    """Whether no other step of the wish calls the same tool, so that a wrong call cannot pass for another's right one."""
    return sum(other.tool == step.tool for other in wish.steps) == 1


def _called_elsewhere(scenario: Scenario, wish: int, step: Step) -> bool:
    """Whether another wish makes the very same call."""
    return any(
        w != wish and any(s.tool == step.tool and s.args == step.args for s in other.steps) for w, other in enumerate(scenario.wishes)
    )


def _wrong_argument(scenario: Scenario, pack: Pack) -> Iterator[SlipPlan]:
    found = list(_argument_chances(scenario, pack))
    writes = [plan for plan in found if scenario.wishes[plan.wish].steps[plan.step].effect == "write"]
    yield from writes or found


def _argument_chances(scenario: Scenario, pack: Pack) -> Iterator[SlipPlan]:
    for w, wish in enumerate(scenario.wishes):
        for i, step in _live_steps(wish):
            if step.tool in _struck(scenario) or not _only_one(wish, step) or _called_elsewhere(scenario, w, step):
                continue
            tool = pack.tools[step.tool]
            schemas = tool.parameters.get("properties", {})
            for name, value in step.args.items():
                free = FREE_WORDS.search(name) and "enum" not in schemas.get(name, {})
                if name in tool.refs() or free or (isinstance(value, str) and next(holes(value), None)):
                    continue
                if wrong_value(value, schemas.get(name, {}), random.Random(0)) is not None and not _spoken_wrong(wish, i):
                    yield SlipPlan("wrong_argument", w, i, name)


def _spoken_wrong(wish: Wish, step: int) -> bool:
    return wish.wrong is not None and wish.wrong.step == step


def _wrong_record(scenario: Scenario, pack: Pack) -> Iterator[SlipPlan]:
    for w, wish in enumerate(scenario.wishes):
        for i, step in _live_steps(wish):
            if step.effect == "write" and step.tool not in _struck(scenario) and _only_one(wish, step):
                for name in pack.tools[step.tool].refs():
                    if isinstance(step.args.get(name), str):
                        yield SlipPlan("wrong_record", w, i, name)


def _skipped_step(scenario: Scenario, pack: Pack) -> Iterator[SlipPlan]:
    for w, wish in enumerate(scenario.wishes):
        live = list(_live_steps(wish))
        writes = [i for i, step in live if step.effect == "write"]
        reads = [i for i, step in live if step.effect == "read" and not _spoken_wrong(wish, i) and not _called_elsewhere(scenario, w, step)]
        if wish.refusal:
            continue
        if own := _own_writes(wish):
            yield SlipPlan("skipped_step", w, own[-1])
        elif len(writes) > 1:
            yield SlipPlan("skipped_step", w, writes[-1])
        elif reads and len(live) > 1:
            later = [i for i in reads if any(i in step.after for _, step in live)]
            yield SlipPlan("skipped_step", w, (later or reads)[-1])


def _unconfirmed_write(scenario: Scenario, pack: Pack) -> Iterator[SlipPlan]:
    for w, wish in enumerate(scenario.wishes):
        if not wish.refusal and not wish.change and any(step.confirm for step in wish.steps):
            # A later wish may be brought up beside the yes for the first one, and then looks confirmed.
            yield SlipPlan("unconfirmed_write", w)
            return


def _premature_end(scenario: Scenario, pack: Pack) -> Iterator[SlipPlan]:
    yield from (SlipPlan("premature_end", w) for w in range(1 if scenario.at_once else len(scenario.wishes)))


def _invented_result(scenario: Scenario, pack: Pack) -> Iterator[SlipPlan]:
    for w, wish in enumerate(scenario.wishes):
        if wish.refusal or wish.change:
            continue
        names = {step.name for step in wish.steps if step.name}
        for i, tell in enumerate(wish.tells):
            hole = single_hole(tell.template)
            small = isinstance(tell.value, int) and abs(tell.value) < 100
            if hole and hole.path.split(".")[0] in names and not small and invented(tell.value, tell.kind, random.Random(0)) is not None:
                yield SlipPlan("invented_result", w, i)


def _ignored_error(scenario: Scenario, pack: Pack) -> Iterator[SlipPlan]:
    once = {step.tool for wish in scenario.wishes for step in wish.steps if _only_one(wish, step)}
    struck = any(not fault.took_place and fault.tool in once for fault in scenario.faults)
    if struck or any(wish.wrong and not wish.wrong.malformed and _only_one(wish, wish.steps[wish.wrong.step]) for wish in scenario.wishes):
        yield SlipPlan("ignored_error", 0)


def _policy_broken(scenario: Scenario, pack: Pack) -> Iterator[SlipPlan]:
    for w, wish in enumerate(scenario.wishes):
        if wish.refusal and wish.refusal.kind == "policy" and wish.refusal.blocked_tool:
            yield SlipPlan("policy_broken", w, len(wish.steps))
    first = scenario.wishes[0]
    if first.wrong or first.change or first.choice or scenario.at_once or len(first.steps) < 2 or first.refusal:
        return
    identify = [check.before[0] for check in pack.checks.values() if check.before and check.before[1] == "*"]
    early = first.steps[1]
    if first.steps[0].tool in identify and early.effect == "read" and early.side == "agent" and early.tool != first.steps[0].tool:
        yield SlipPlan("policy_broken", 0, 1)


def _needless_call(scenario: Scenario, pack: Pack) -> Iterator[SlipPlan]:
    struck = _struck(scenario)
    for w, wish in enumerate(scenario.wishes):
        for i, step in _live_steps(wish):
            if step.effect == "read" and not _spoken_wrong(wish, i) and step.tool not in struck:
                yield SlipPlan("needless_call", w, i)


_CHANCES: dict[str, Callable[[Scenario, Pack], Iterator[SlipPlan]]] = {
    "wrong_argument": _wrong_argument,
    "wrong_record": _wrong_record,
    "skipped_step": _skipped_step,
    "unconfirmed_write": _unconfirmed_write,
    "premature_end": _premature_end,
    "invented_result": _invented_result,
    "ignored_error": _ignored_error,
    "policy_broken": _policy_broken,
    "needless_call": _needless_call,
}


def wrong_value(value: Any, schema: Mapping[str, Any], rng: random.Random) -> Any:
    """A wrong value that still fits ``schema``; None where there is none."""
    if isinstance(value, bool):
        return not value
    others = [item for item in schema.get("enum", []) if item != value and item is not None]
    if "enum" in schema:
        return rng.choice(others) if others else None
    if isinstance(value, int | float):
        return _wrong_number(value, schema, rng)
    if not isinstance(value, str):
        return None
    return _shifted(value, rng) or _other_digits(value, schema, rng)


def _wrong_number(value: float, schema: Mapping[str, Any], rng: random.Random) -> float | None:
    step = schema.get("multipleOf") or (100 if isinstance(value, int) and value >= 1000 and value % 100 == 0 else 1)
    low, high = schema.get("minimum", 1 if value >= 1 else value - step), schema.get("maximum", value + step)
    choices = [other for other in (value + step, value - step) if low <= other <= high]
    return rng.choice(choices) if choices else None


def _shifted(value: str, rng: random.Random) -> str | None:
    """A date or moment one or two days off."""
    moment = ISO_MOMENT.fullmatch(value)
    if not (moment or ISO_DATE.fullmatch(value)):
        return None
    try:
        day = dt.date.fromisoformat(value[:10]) + dt.timedelta(days=rng.choice((1, 2, -1)))
    except ValueError:
        return None
    return day.isoformat() + value[10:]


def _other_digits(value: str, schema: Mapping[str, Any], rng: random.Random) -> str | None:
    """A number or id with its last digit changed, where the pattern still allows it."""
    digits = [match.start() for match in _DIGIT_TOKEN.finditer(value)]
    if not digits:
        return None
    at = digits[-1]
    other = value[:at] + str((int(value[at]) + rng.choice((1, 2, 3))) % 10) + value[at + 1 :]
    pattern = schema.get("pattern")
    return other if not pattern or re.search(pattern, other) else None


def invented(value: Any, kind: str, rng: random.Random) -> Any:
    """A false value for something that is to be told; None for kinds in which nothing credible can be made up."""
    if kind == "money" and isinstance(value, int):
        return value + rng.choice((300, 550, 1250))
    if kind == "number" and isinstance(value, int | float) and not isinstance(value, bool):
        return value + rng.choice((1, 2, 3))
    if kind in {"date", "datetime"} and isinstance(value, str):
        return _shifted(value, rng)
    if kind == "time" and isinstance(value, str) and len(value) >= 5:
        hour = (int(value[-5:-3]) + 1) % 24 if value[-5:-3].isdigit() else 0
        return f"{value[:-5]}{hour:02d}{value[-3:]}"
    if kind == "id" and isinstance(value, str):
        return _other_digits(value, {}, rng)
    return None


def other_record(right: str, results: list[Any], rng: random.Random) -> str:
    """A record of the same kind that an earlier result showed, else one next in number: what a careless agent takes for ``right``."""
    form = _form(right)
    seen = sorted({leaf for result in results if not is_spoilt(result) for leaf in _texts(result) if leaf != right and _form(leaf) == form})
    if seen:
        return rng.choice(seen)
    return _other_digits(right, {}, rng) or right + "1"


def _form(text: str) -> str:
    return re.sub(r"\d", "0", text)


def _texts(value: Any) -> Iterator[str]:
    return (leaf for leaf in leaves(value) if isinstance(leaf, str))

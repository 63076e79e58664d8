"""The nine ways to damage any passing trajectory. Each gives None where the trajectory has no room for it."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from judging.engine.mutation.scene import Damage, Scene, Spot
from judging.engine.mutation.script import Line
from synthesis.engine.language import reading
from synthesis.engine.language.values import mentions
from synthesis.engine.participants.slips import FREE_WORDS, other_record, wrong_value
from synthesis.engine.scenarios.scenario import Tell

_DIGITS = re.compile(r"\d+")


def wrong_argument(scene: Scene) -> Damage | None:
    """Another value for one argument of a write."""
    for spot in _shuffled(scene, scene.writes):
        for name, value in _shuffled(scene, list(spot.call.arguments.items())):
            schema = spot.tool.parameters.get("properties", {}).get(name, {})
            if name in spot.tool.refs() or (FREE_WORDS.search(name) and "enum" not in schema):
                continue
            wrong = wrong_value(value, schema, scene.rng)
            if wrong is not None:
                note = f"{spot.call.name}.{name}: {wrong!r} instead of {value!r}"
                return Damage(scene.with_call(spot, {**spot.call.arguments, name: wrong}), note, True)
    return None


def wrong_record(scene: Scene) -> Damage | None:
    """A write on another record of the same kind."""
    for spot in _shuffled(scene, scene.writes):
        for name in spot.tool.refs():
            right = spot.call.arguments.get(name)
            if isinstance(right, str):
                other = other_record(right, scene.results_before(spot), scene.rng)
                note = f"{spot.call.name}.{name}: {other!r} instead of {right!r}"
                return Damage(scene.with_call(spot, {**spot.call.arguments, name: other}), note, True)
    return None


def skipped_step(scene: Scene) -> Damage | None:
    """The last write is not made, and everything that was said stays."""
    if not scene.writes:
        return None
    spot = scene.writes[-1]
    return Damage(scene.without([spot]), f"never called {spot.call.name}", True)


def unconfirmed_write(scene: Scene) -> Damage | None:
    """The question before a write that needs a yes, and the yes, are gone."""
    lines = scene.script.lines
    for spot in scene.writes:
        at = spot.line
        if not spot.tool.confirm or at < 3:
            continue
        question, answer, before = lines[at - 2], lines[at - 1], lines[at - 3]
        asked = (question.role, answer.role) == ("agent", "user") and not question.calls and reading.affirms(answer.text)
        if asked and not reading.affirms(before.text) and not _tells_something(scene, at - 1):
            kept = [*lines[: at - 2], *lines[at:]]
            return Damage(scene.with_lines(kept), f"called {spot.call.name} without asking", False)
    return None


def _tells_something(scene: Scene, at: int) -> bool:
    """Whether the user tells a fact in this line that was not told before."""
    facts = [fact for wish in scene.scenario.wishes for fact in wish.facts]
    earlier = " ".join(scene.said("user", at))
    text = scene.script.lines[at].text
    return any(mentions(text, fact.value, fact.kind) and not mentions(earlier, fact.value, fact.kind) for fact in facts)


def premature_end(scene: Scene) -> Damage | None:
    """The agent takes leave before the last write, or before the last call where nothing is written."""
    spots = scene.writes or scene.spots
    if not spots:
        return None
    phrases = scene.wording.get(scene.language, scene.wording["en"])
    leave = Line("message", {"role": "agent", "text": phrases.line("agent", "stopped_short", "any", scene.rng), "done": True})
    script = scene.with_lines([*scene.script.lines[: spots[-1].line], leave], feedback=None, reason="agent_done")
    return Damage(script, "ended the conversation before the task was done", bool(scene.writes))


def invented_result(scene: Scene) -> Damage | None:
    """A number that the agent reports is another one than the result it came from."""
    for wish in _shuffled(scene, scene.scenario.wishes):
        tells = wish.change.tells if wish.change else wish.tells
        for tell in _shuffled(scene, tells):
            damaged = _misreported(scene, tell)
            if damaged:
                return damaged
    return None


def _misreported(scene: Scene, tell: Tell) -> Damage | None:
    places = [i for i, line in enumerate(scene.script.lines) if line.role == "agent" and mentions(line.text, tell.value, tell.kind)]
    first_call = scene.spots[0].line if scene.spots else len(scene.script.lines)
    # Said before anything was looked up it is no report, and said twice it would have to be falsified twice alike.
    if len(places) != 1 or places[0] <= first_call:
        return None
    line = scene.script.lines[places[0]]
    for false in _false_texts(line.text):
        if not mentions(false, tell.value, tell.kind):
            lines = list(scene.script.lines)
            lines[places[0]] = msgspec.structs.replace(line, payload={**line.payload, "text": false})
            return Damage(scene.with_lines(lines), f"did not report {tell.value!r} but another value", False)
    return None


def _false_texts(text: str) -> Iterator[str]:
    """The text with one number changed, each number in turn, the last one first."""
    for match in reversed(list(_DIGITS.finditer(text))):
        number = match.group()
        yield text[: match.start()] + number[:-1] + str((int(number[-1]) + 3) % 10) + text[match.end() :]


def ignored_error(scene: Scene) -> Damage | None:
    """After a call that failed, nobody tries again, and everything goes on as if it had worked."""
    for spot in scene.spots:
        later = [other for other in scene.spots if other.call.position > spot.call.position and _same(other, spot)]
        if spot.call.ok or spot.call.took_effect or not later:
            continue
        return Damage(scene.without(later), f"went on after {spot.call.name} had failed", any(other.call.wrote for other in later))
    return None


def _same(one: Spot, other: Spot) -> bool:
    return one.call.name == other.call.name and one.call.arguments == other.call.arguments


def policy_broken(scene: Scene) -> Damage | None:
    """Something is looked up before what the policy wants to come first."""
    pack = scene.packs[scene.scenario.domain]
    for first in (check.before[0] for check in pack.checks.values() if check.before and check.before[1] == "*"):
        wanted = next((spot for spot in scene.spots if spot.tool.name == first), None)
        later = [spot for spot in scene.spots if spot.tool.name != first and spot.tool.effect == "read" and spot.call.ok]
        early = next((spot for spot in later if spot.call.name not in scene.struck), None)
        if wanted is None or early is None or wanted.line > early.line:
            continue
        lines = [*scene.script.lines[: wanted.line], scene.new_call(early), *scene.script.lines[wanted.line :]]
        return Damage(scene.with_lines(lines), f"called {early.call.name} before {first}", False)
    return None


def needless_call(scene: Scene) -> Damage | None:
    """What was just read is read again."""
    reads = [s for s in scene.spots if s.tool.effect == "read" and s.call.ok and s.call.name not in scene.struck]
    if not reads:
        return None
    spot = scene.rng.choice(reads)
    lines = [*scene.script.lines[: spot.line + 1], scene.new_call(spot), *scene.script.lines[spot.line + 1 :]]
    return Damage(scene.with_lines(lines), f"called {spot.call.name} again with the same arguments", False)


def _shuffled(scene: Scene, items: Any) -> Any:
    return scene.rng.sample(items, len(items))


DAMAGES: dict[str, Callable[[Scene], Damage | None]] = {
    "wrong_argument": wrong_argument,
    "wrong_record": wrong_record,
    "skipped_step": skipped_step,
    "unconfirmed_write": unconfirmed_write,
    "premature_end": premature_end,
    "invented_result": invented_result,
    "ignored_error": ignored_error,
    "policy_broken": policy_broken,
    "needless_call": needless_call,
}
"""By kind of slip (``participants.cast.SLIPS``)."""

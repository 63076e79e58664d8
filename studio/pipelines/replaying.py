"""Scenarios as people read them: the story, the gold replayed in a sandbox, and draws that are shown and not stored."""

from collections.abc import Mapping
from time import monotonic
from typing import Any, NamedTuple

import msgspec
from django.utils.translation import gettext as _

from studio.pipelines.trials import Place
from studio.pipelines.value_view import Shape, cell_text, shape_of
from studio.pipelines.world_view import Change, change_of
from synthesis.engine.language.particles import apply_particles
from synthesis.engine.packs.model import Pack
from synthesis.engine.scenarios.generate import GenerateReply, GenerateRequest
from synthesis.engine.scenarios.scenario import Fact, Scenario, Wish
from synthesis.engine.trials.gold_replay import GoldReplay, ReplayedStep
from synthesis.services.desk import DeskTrouble, desk

DRAWN = 5
DRAW_SECONDS = 3.0
LANGUAGE = "en"


class Told(NamedTuple):
    """A fact the user knows. ``when``: told ("at once"), "when asked", or "never" (left to a preference)."""

    key: str
    label: str
    value: str
    kind: str
    when: str


class Part(NamedTuple):
    """One wish: what is wanted by language, what the user knows, what must be reported, and what is special (name, words); ``domain`` where
    it is served, if not in the scenario's own.
    """

    intent: str
    wants: dict[str, str]
    facts: list[Told]
    tells: list[tuple[str, str]]
    special: list[tuple[str, str]]
    domain: str = ""


class Step(NamedTuple):
    """A gold step as it is shown: the call, and what came of it (``shape``, ``changes``) or why it is not made again; ``domain`` is the one
    whose tool it is.
    """

    replayed: ReplayedStep
    arguments: list[tuple[str, str]]
    shape: Shape | None
    changes: list[Change]
    domain: str


class Replay(NamedTuple):
    """A replay as it is shown: ``steps``, the net ``delta``, and the ``expected`` one; ``differences`` in words."""

    steps: list[Step]
    delta: list[Change]
    expected: list[Change]
    matches: bool
    same_digest: bool
    differences: list[str]


class Draw(NamedTuple):
    """Scenarios that were drawn, each with its story; ``reasons`` why draws came to nothing; ``cut``: time ran out before all were
    drawn."""

    scenarios: list[tuple[Scenario, list[Part]]]
    reasons: dict[str, int]
    cut: bool


def story(scenario: Scenario, pack: Pack) -> list[Part]:
    """The wishes of a scenario."""
    return [_part(wish, pack) for wish in scenario.wishes]


def _part(wish: Wish, pack: Pack) -> Part:
    tells = [(tell.template, cell_text(tell.value)) for tell in wish.tells]
    wants = {language: apply_particles(text) for language, text in wish.wants.items()}
    return Part(wish.intent, wants, [_told(wish, fact) for fact in wish.facts], tells, _special(wish, pack), wish.domain)


def _told(wish: Wish, fact: Fact) -> Told:
    when = "never" if fact.key in wish.hides else "when asked" if fact.key in wish.withheld else "at once"
    label = fact.label.get(LANGUAGE) or next(iter(fact.label.values()), "")
    return Told(fact.key, label, fact.said.get(LANGUAGE) or cell_text(fact.value), fact.kind, when)


def _special(wish: Wish, pack: Pack) -> list[tuple[str, str]]:
    found = []
    if wish.wrong:
        found.append(
            (
                "wrong value",
                f"{wish.wrong.key}: {cell_text(wish.wrong.value)}" + (f" ({wish.wrong.error})" if wish.wrong.error else ""),
            )
        )
    if wish.change:
        facts = ", ".join(f"{key}: {cell_text(value)}" for key, value in wish.change.facts.items())
        found.append(
            (_("changes their mind before the change") if wish.change.when == "before" else _("changes their mind afterwards"), facts)
        )
    if wish.choice:
        found.append(
            (_("several records fit"), _("%(rows)s, told apart by %(key)s") % {"rows": len(wish.choice.rows), "key": wish.choice.key})
        )
    if wish.refusal:
        rule = pack.policy[wish.refusal.rule].rule if wish.refusal.rule is not None and wish.refusal.rule < len(pack.policy) else ""
        found.append((_("to be refused"), rule or _("no tool on offer does it: %(tool)s") % {"tool": wish.refusal.blocked_tool or ""}))
    return found


def replay(scenario: Scenario, packs: Mapping[str, Pack]) -> Replay:
    """Make the gold calls again; ``packs`` are those of the scenario's worlds, by slug. Raises DeskTrouble."""
    releases = {world.release: packs[world.domain] for world in scenario.worlds if world.domain in scenario.domains}
    value = desk().ask("trial_gold", msgspec.json.encode(scenario), packs=releases)
    replayed = msgspec.convert(value, GoldReplay)
    return Replay(
        steps=[_step(step, scenario) for step in replayed.steps],
        delta=[change_of(msgspec.to_builtins(change)) for change in replayed.delta],
        expected=[change_of(msgspec.to_builtins(change)) for change in scenario.expected],
        matches=replayed.matches,
        same_digest=replayed.digest == scenario.expected_digest,
        differences=replayed.differences,
    )


def _step(replayed: ReplayedStep, scenario: Scenario) -> Step:
    outcome = replayed.outcome
    shape = shape_of(outcome.result) if outcome and outcome.error is None else None
    changes = [change_of(msgspec.to_builtins(change)) for change in outcome.delta] if outcome else []
    arguments = [(name, cell_text(value)) for name, value in replayed.args.items()]
    return Step(replayed, arguments, shape, changes, scenario.domain_of(scenario.wishes[replayed.wish]))


def drawn(place: Place, variation: str, intent: str | None, number: int) -> Draw:
    """Draw ``number``: DRAWN scenarios, or as many as come in time. Raises DeskTrouble when not even one request is answered."""
    found: list[tuple[Scenario, list[Part]]] = []
    reasons: dict[str, int] = {}
    deadline = monotonic() + DRAW_SECONDS
    for position in range(DRAWN):
        if monotonic() > deadline:
            return Draw(found, reasons, True)
        avoid = [scenario.digest for scenario, _story in found]
        request = GenerateRequest(place.digest, variation, number * DRAWN + position, list(place.seeds), avoid, intent=intent)
        try:
            reply = _generated(place, request)
        except DeskTrouble:
            if not found:
                raise
            return Draw(found, reasons, True)
        for reason, count in reply.reasons.items():
            reasons[reason] = reasons.get(reason, 0) + count
        if reply.scenario:
            found.append((reply.scenario, story(reply.scenario, place.pack)))
    return Draw(found, reasons, False)


def _generated(place: Place, request: GenerateRequest) -> GenerateReply:
    value: Any = desk().ask("generate", msgspec.to_builtins(request), packs={place.digest: place.pack})
    return msgspec.convert(value, GenerateReply)

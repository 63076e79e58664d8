"""The words of the scripted seats: speech acts by seat, act and manner (a tone, a formality, a mood), as data in ``catalog/wording``.

``parse_wording`` refuses a file that lacks an act or a manner, or whose lines hold other holes than their act allows, naming place and
remedy.
"""

import json
import random
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec

from synthesis.engine.packs.findings import Finding, PackError
from synthesis.engine.packs.holes import holes
from synthesis.engine.packs.yaml_text import load

FORMALITIES = ("casual", "neutral", "formal")
MOODS = ("friendly", "neutral", "hurried", "grumpy", "anxious")
TONES = ("warm", "neutral", "formal", "brisk")
RATINGS = ("1", "2", "3", "4", "5", "refused")
ANY = ("any",)


class Act(msgspec.Struct, frozen=True):
    """What an act's lines must cover: ``manners`` each with lines, ``holes`` that every line must hold, ``extra`` manners that may be
    there too.
    """

    manners: tuple[str, ...]
    holes: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()


USER_ACTS: dict[str, Act] = {
    "greeting": Act(FORMALITIES),
    "aside": Act(MOODS),
    "reason": Act(ANY),
    "join": Act(ANY),
    "state_fact": Act(ANY, ("value",)),
    "affirm": Act(FORMALITIES, extra=("terse",)),
    "dont_know": Act(ANY),
    "use_profile": Act(ANY),
    "correct": Act(FORMALITIES),
    "press": Act(FORMALITIES),
    "press_tool": Act(ANY),
    "accept_refusal": Act(FORMALITIES, extra=("grumpy",)),
    "accept_and_next": Act(ANY),
    "next_topic": Act(ANY),
    "also": Act(ANY),
    "impatience": Act(ANY),
    "repeat": Act(ANY),
    "shown": Act(ANY, ("line",)),
    "no_luck": Act(ANY),
    "nudge": Act(ANY),
    "closing": Act(FORMALITIES, extra=("terse",)),
    "closing_unhappy": Act(ANY),
    "feedback": Act(RATINGS),
}
AGENT_ACTS: dict[str, Act] = {
    "acknowledge": Act(TONES),
    "ask": Act(TONES, ("labels",)),
    "ask_next": Act(TONES, ("labels",)),
    "ask_again": Act(ANY, ("labels",)),
    "cannot_go_on": Act(ANY, ("labels",)),
    "ask_to_do": Act(TONES, ("line",)),
    "ask_to_do_again": Act(ANY, ("line",)),
    "malformed": Act(TONES, ("value", "label")),
    "not_found": Act(TONES, ("value", "label")),
    "rejected": Act(TONES, ("value", "label")),
    "which": Act(TONES, ("rows",)),
    "propose_question": Act(TONES),
    "propose_lead": Act(TONES),
    "propose_fallback": Act(ANY, ("wants",)),
    "joint_lead": Act(ANY),
    "reconfirm": Act(ANY),
    "not_done": Act(ANY),
    "undo_lead": Act(ANY),
    "changed": Act(TONES),
    "checking": Act(TONES),
    "doing": Act(TONES),
    "refuse_wrap": Act(TONES, ("line",)),
    "refuse_hold": Act(TONES, ("line",)),
    "no_tool": Act(TONES),
    "no_tool_hold": Act(ANY),
    "no_tool_offer": Act(ANY),
    "retry": Act(ANY),
    "slow": Act(ANY),
    "gave_up": Act(ANY),
    "failed": Act(ANY),
    "also_tell": Act(ANY, ("value",)),
    "done_claim": Act(ANY),
    "stopped_short": Act(ANY),
    "hand_over": Act(ANY),
    "more": Act(TONES),
    "closing": Act(TONES),
}
OPTIONAL_HOLES = {"which": {"count"}, "no_tool_offer": {"offers"}}
"""Holes that some lines of an act may hold besides its own."""


class LanguageWording(msgspec.Struct, frozen=True):
    """The lines of one language, as ``lines[seat][act][manner]``."""

    language: str
    lines: dict[str, dict[str, dict[str, list[str]]]]

    def choices(self, seat: str, act: str, manner: str = "any") -> list[str]:
        """The lines for ``act`` in ``manner``, or in any manner when it has none of its own. Raises KeyError for an unknown act."""
        manners = self.lines[seat][act]
        return manners.get(manner) or manners.get("any") or next(iter(manners.values()))

    def line(self, seat: str, act: str, manner: str, rng: random.Random) -> str:
        """One line, drawn from ``choices``."""
        return rng.choice(self.choices(seat, act, manner))


@cache
def _validator() -> Any:
    return jsonschema_rs.Draft202012Validator(json.loads(Path(__file__).with_name("wording.schema.json").read_text("utf-8")))


def parse_wording(text: str) -> LanguageWording:
    """Read a wording file. Raises PackError whose findings name line, place and remedy."""
    document = load(text)
    findings = [
        Finding(
            ".".join(map(str, error.instance_path)) or "file",
            f"{error.message}.",
            "See engine/language/wording.schema.json.",
            document.line(tuple(error.instance_path)),
        )
        for error in _validator().iter_errors(document.data)
    ]
    if not findings:
        for seat, acts in (("user", USER_ACTS), ("agent", AGENT_ACTS)):
            findings += [
                msgspec.structs.replace(finding, line=document.line(tuple(finding.place.split("."))))
                for finding in _act_findings(seat, acts, document.data[seat])
            ]
    if findings:
        raise PackError(findings)
    return LanguageWording(document.data["language"], {"user": document.data["user"], "agent": document.data["agent"]})


def _act_findings(seat: str, acts: dict[str, Act], given: dict[str, dict[str, list[str]]]) -> list[Finding]:
    findings = [
        Finding(f"{seat}.{name}", "is not an act.", f"Remove it; the acts are {', '.join(acts)}.") for name in given if name not in acts
    ]
    for name, act in acts.items():
        if name not in given:
            findings.append(Finding(f"{seat}.{name}", "is missing.", f"Add lines for {', '.join(act.manners)}."))
            continue
        missing = [manner for manner in act.manners if manner not in given[name]]
        unknown = [manner for manner in given[name] if manner not in act.manners + act.extra]
        findings += [Finding(f"{seat}.{name}", f"has no lines for {manner}.", "Add at least two.") for manner in missing]
        findings += [
            Finding(f"{seat}.{name}.{manner}", "is not a manner of this act.", f"Use {', '.join(act.manners + act.extra)}.")
            for manner in unknown
        ]
        findings += _hole_findings(f"{seat}.{name}", act, OPTIONAL_HOLES.get(name, set()), given[name])
    return findings


def _hole_findings(place: str, act: Act, optional: set[str], manners: dict[str, list[str]]) -> list[Finding]:
    findings = []
    for manner, lines in manners.items():
        for i, line in enumerate(lines):
            found = {hole.path for hole in holes(line)}
            if not set(act.holes) <= found or not found <= set(act.holes) | optional:
                wanted = ", ".join(f"{{{hole}}}" for hole in act.holes) or "no hole"
                findings.append(Finding(f"{place}.{manner}.{i}", f"holds {sorted(found) or 'no hole'}.", f"It must hold {wanted}."))
    return findings

"""What a form can be filled with: examples, and ways to break the arguments."""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from synthesis.engine.packs.model import Pack, Tool
from synthesis.engine.trials.fillings import Breakage, Filling, breakages
from synthesis.selectors.registry import PastUse

DRAWS = 5
"""Draws from the world that the menu offers."""
BREAK = "break"


class Choice(NamedTuple):
    """An entry of the menu: what it says, and its value in the query string."""

    label: str
    fill: str


BROKEN = {
    "missing": gettext_lazy("leave out %(name)s"),
    "type": gettext_lazy("wrong type for %(name)s"),
    "value": gettext_lazy("unknown value for %(name)s"),
    "key": gettext_lazy("%(name)s that does not exist"),
    "extra": gettext_lazy("an unknown parameter"),
}


def menu(pack: Pack, tool: Tool, past: Sequence[PastUse] = ()) -> list[tuple[str | Promise, Sequence[Choice]]]:
    """Groups of choices, each with its heading; groups of nothing are left out."""
    gold = [
        Choice(intent.id, f"gold:{intent.id}") for intent in pack.intents.values() if any(call.call == tool.name for call in intent.gold)
    ]
    drawn = [Choice(_("Draw %(number)s") % {"number": number}, f"drawn:{number}") for number in range(1, DRAWS + 1)]
    errors = [Choice(error.code, f"error:{error.code}") for error in tool.errors if error.example is not None]
    earlier = [Choice(_past(use), f"past:{use.episode}:{use.call}") for use in past]
    broken = [Choice(BROKEN[way.kind] % {"name": way.name}, f"{BREAK}:{way.kind}:{way.name}") for way in breakages(tool)]
    groups: list[tuple[str | Promise, Sequence[Choice]]] = [
        (_("As an intent calls it"), gold),
        (_("Drawn from the world"), drawn),
        (_("Errors with an example"), errors),
        (_("As an episode called it"), earlier),
        (_("Break it"), broken),
    ]
    return [(label, choices) for label, choices in groups if choices]


def _past(use: PastUse) -> str:
    said = _("Episode %(number)s") % {"number": use.episode}
    return f"{said}: {use.error}" if use.error else said


def filling_of(wanted: str, pack: Pack, tool: Tool) -> Filling | None:
    """What ``fill=`` in a query string asks for; None for nothing that the menu offers."""
    kind, _colon, rest = wanted.partition(":")
    if kind == "gold" and rest in pack.intents:
        return Filling("gold", rest)
    if kind == "error" and any(error.code == rest for error in tool.errors):
        return Filling("error", rest)
    if kind == "drawn" and rest.isascii() and rest.isdigit() and len(rest) < 6:
        return Filling("drawn", draw=int(rest))
    way, _colon, name = rest.partition(":")
    return Filling(way, name) if kind == BREAK and Breakage(way, name) in breakages(tool) else None

"""A pack that is there, as it would be on its way: for showing what an author is asked at each stage, on a real example."""

from typing import Any

from synthesis.engine.evolution.ideas import DomainIdea
from synthesis.engine.evolution.pack_work import INTENTS_AT_ONCE, STAGES, TOOLS_AT_ONCE, IntentPlan, Outline, PackWork, TablePlan, ToolPlan
from synthesis.engine.packs.yaml_text import load

LANGUAGE = "en"


def work_before(text: str, stage: str) -> PackWork:
    """What an author of the pack ``text`` has written when it comes to ``stage`` (of STAGES); of tools and intents the first few, where
    there are more. Raises PackError for a text that cannot be read.
    """
    data = load(text).data
    reached = STAGES.index(stage)
    parts: dict[str, Any] = {
        "outline": _outline(data),
        "world": {name: data[name] for name in ("tables", "seed", "invariants", "helpers") if data.get(name)},
        "tools": list(data["tools"]),
        "policy": {name: data[name] for name in ("policy", "checks") if name in data},
        "intents": list(data["intents"]),
    }
    written = {name: parts[name] for name in STAGES[:reached]}
    if stage in {"tools", "intents"}:
        few = TOOLS_AT_ONCE if stage == "tools" else INTENTS_AT_ONCE
        written[stage] = parts[stage][: min(few, len(parts[stage]) - 1)]
    return PackWork(_idea(data), **written)


def _idea(data: dict[str, Any]) -> DomainIdea:
    jobs = [_said(intent["wants"]) for intent in data["intents"]]
    return DomainIdea(data["slug"], data["name"], data["category"], data["description"].strip(), data.get("complexity", 3), jobs)


def _outline(data: dict[str, Any]) -> Outline:
    """A plan that leads to this pack. What tables are for is said in no pack: their columns stand for it."""
    return Outline(
        agent=data["agent"],
        caller=data["caller"]["name"],
        caller_table=data["caller"]["table"],
        tables=[TablePlan(name, ", ".join(table["columns"])) for name, table in data["tables"].items()],
        rules=[rule["rule"] for rule in data["policy"]],
        tools=[
            ToolPlan(tool["name"], tool["description"].strip(), tool["effect"], list(tool["parameters"].get("properties") or {}))
            for tool in data["tools"]
        ],
        intents=[_planned(intent) for intent in data["intents"]],
    )


def _planned(intent: dict[str, Any]) -> IntentPlan:
    special = [name for name in ("twins", "changes", "preference") if intent.get(name)]
    special += ["refusal"] if intent.get("expect") == "refuse" else []
    calls = [call["call"] for call in intent.get("gold") or []]
    return IntentPlan(intent["id"], _said(intent["wants"]), calls, ", ".join(special))


def _said(wants: dict[str, str]) -> str:
    return wants.get(LANGUAGE) or next(iter(wants.values()), "")

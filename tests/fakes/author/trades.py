"""Worlds of the fake author: one small pack, told as many trades. Tables, tools, columns, places and words are all others, so that no tool
is like one of another trade."""

import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from synthesis.adapters.starter_files import draft_template
from synthesis.engine.packs.yaml_text import load


class Trade(NamedTuple):
    """One way to tell the pack. The Korean words end in a consonant, as those that they replace."""

    slug: str
    name: str
    caller: str
    place: str
    record: str
    token: str
    verb: str
    places: list[str]
    place_ko: str
    token_ko: str


TRADES = [Trade(**row) for row in load(Path(__file__).with_name("trades.yaml").read_text("utf-8")).data]
BY_SLUG = {trade.slug: trade for trade in TRADES}
PAST = """      for {record} in find("{record}s"):
          if {record}["day"] < "2000": return {record}["{record}_id"] + " lies in another century"
      return None
"""


@cache
def _whole(slug: str, alike: bool) -> str:
    """The text of a trade's pack; with ``alike`` the callers' tool keeps the words of the pack it was made from."""
    trade = BY_SLUG[slug]
    text = re.sub(r"(?m)^ *#.*\n| {2,}# .*$", "", draft_template())
    words = {"member": trade.caller, "room": trade.place, "booking": trade.record, "card": trade.token}
    text = (
        text.replace("extend_booking", f"{trade.verb}_booking")
        .replace("list_bookings", f"{trade.record}s_ahead")
        .replace("is booked", "is on")
    )
    for old, new in zip(("Attic", "Garden room", "Library"), trade.places, strict=True):
        text = text.replace(old, new)
    text = text.replace("study ", "")
    for old, new in words.items():
        text = re.sub(rf"(?<![a-z]){old}(?=s?(?![a-z]))", new, text)
    text = text.replace("방", trade.place_ko).replace("카드", trade.token_ko)
    text = re.sub(r"      return None\n(?=\nhelpers|helpers)", PAST.replace("{record}", trade.record), text)
    return _alike(text, trade) if alike else text


def _alike(text: str, trade: Trade) -> str:
    """The tool that finds a caller with the name, description and parameter that the original has."""
    text = text.replace(f"find_{trade.caller}", "find_member").replace(f"Find a {trade.caller} by", "Find a member by")
    return re.sub(rf"(?<![a-z_]){trade.token}(?![a-z_])", "card", text).replace(f"digits of the {trade.token}", "digits of the card")


def pack_of(slug: str, *, alike: bool = False) -> dict[str, Any]:
    """The pack of a trade as values; its head is another's to write."""
    data: dict[str, Any] = load(_whole(slug, alike)).data
    return data


def idea_of(trade: Trade) -> dict[str, Any]:
    """What the author says of a trade when it proposes it."""
    asks = f"{trade.caller.title()}s ask for their next {trade.record}, make it longer or give it up."
    said = f"The desk of a house with {trade.name.lower()}. {asks}"
    jobs = [f"learn when the next {trade.record} is", f"make a {trade.record} longer", f"cancel a {trade.record}"]
    return {"slug": trade.slug, "name": trade.name, "description": said, "complexity": 2, "jobs": jobs}


def outline_of(data: dict[str, Any]) -> dict[str, Any]:
    """The plan that a pack could have come from."""
    return {
        "agent": data["agent"],
        "caller": data["caller"]["name"],
        "caller_table": data["caller"]["table"],
        "tables": [{"name": name, "purpose": f"rows with {', '.join(table['columns'])}"} for name, table in data["tables"].items()],
        "rules": [rule["rule"] for rule in data["policy"]],
        "tools": [
            {
                "name": tool["name"],
                "description": tool["description"],
                "effect": tool["effect"],
                "parameters": list(tool["parameters"].get("properties", {})),
            }
            for tool in data["tools"]
        ],
        "intents": [
            {
                "id": intent["id"],
                "wants": intent["wants"]["en"],
                "calls": [call["call"] for call in intent.get("gold", [])],
                "special": ", ".join(name for name in ("twins", "changes") if intent.get(name)),
            }
            for intent in data["intents"]
        ],
    }

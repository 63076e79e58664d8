"""Drawing arguments for a tool: keys from the world and values that gold calls used, bent in places.

Drawn from the schema alone, none of 1,500 calls wrote anything; so keys, dates and words come from the world.
"""

import random
from collections.abc import Mapping, Sequence
from typing import Any

from synthesis.engine.packs.model import Pack, Tool
from synthesis.engine.world.host import add_days
from synthesis.engine.world.state import State


class ArgumentDraws:
    """Draws arguments for the tools of a pack. ``gold`` holds arguments of gold calls, by tool."""

    def __init__(self, pack: Pack, gold: Mapping[str, Sequence[dict[str, Any]]]) -> None:
        self.pack, self.gold = pack, gold

    def arguments(self, tool: Tool, state: State, rng: random.Random) -> dict[str, Any]:
        """Arguments for one call: often a gold call's, bent in one place; else each drawn on its own."""
        properties: dict[str, Any] = tool.parameters.get("properties", {})
        used = self.gold.get(tool.name)
        if used and rng.random() < 0.5:
            args = dict(rng.choice(used))
            if args and rng.random() < 0.7:
                name = rng.choice(sorted(args))
                args[name] = self.value(tool, name, properties.get(name, {}), state, rng)
            return args
        required = set(tool.parameters.get("required", []))
        return {n: self.value(tool, n, schema, state, rng) for n, schema in properties.items() if n in required or rng.random() < 0.5}

    def value(self, tool: Tool, name: str, schema: dict[str, Any], state: State, rng: random.Random) -> Any:
        """One argument value."""
        if "ref" in schema and rng.random() < 0.95:
            rows = state.find(schema["ref"], {})
            if rows:
                return rng.choice(rows).values[self.pack.tables[schema["ref"]].key]
        if "enum" in schema and rng.random() < 0.95:
            return rng.choice(schema["enum"])
        pool = [args[name] for args in self.gold.get(tool.name, []) if name in args]
        if pool and rng.random() < 0.6:
            return rng.choice(pool)
        return self._of_type(name, schema, state, rng)

    def _of_type(self, name: str, schema: dict[str, Any], state: State, rng: random.Random) -> Any:
        kind = schema.get("type", "string")
        kind = kind[0] if isinstance(kind, list) else kind
        if kind == "integer":
            return rng.randint(int(schema.get("minimum", -5)), int(schema.get("maximum", 100_000)))
        if kind == "number":
            return round(rng.uniform(float(schema.get("minimum", -5)), float(schema.get("maximum", 1000))), 2)
        if kind == "boolean":
            return rng.random() < 0.5
        if kind == "array":
            return [self._of_type(name, schema.get("items", {}), state, rng) for _ in range(rng.randint(0, 3))]
        if kind == "object":
            return {n: self._of_type(n, s, state, rng) for n, s in schema.get("properties", {}).items()}
        return self._text(name, state, rng)

    def _text(self, name: str, state: State, rng: random.Random) -> str:
        """A text: a value of a column of that name, a date near today, or a word."""
        columns = [
            (table, column)
            for table, spec in self.pack.tables.items()
            for column in spec.columns
            if column == name or name.endswith(f"_{column}")
        ]
        if columns and rng.random() < 0.7:
            table, column = rng.choice(columns)
            rows = state.find(table, {})
            if rows:
                value = rng.choice(rows).values[column]
                if isinstance(value, str):
                    return value
        if rng.random() < 0.5:
            day = add_days(state.base.now[:10], rng.randint(-40, 60))
            return day if rng.random() < 0.6 else f"{day}T{rng.randrange(24):02d}:{rng.choice((0, 15, 30, 45)):02d}"
        return rng.choice(["", "x", "moonlight", "A-0", "Zoë O'Neil", "0", "2026-13-45", "한글"])

"""A whole table of an episode's world at a step: the seeded rows from a sandbox, with what the calls until then made of them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from studio.pipelines.world_view import short
from synthesis.engine.scenarios.scenario import Scenario
from synthesis.engine.trials.tables import TableLook, TableRows
from synthesis.engine.trials.trial import TrialWorld
from synthesis.models import Episode
from synthesis.selectors import catalog, episodes
from synthesis.services.desk import desk

ROWS = 50

Written = Mapping[str, Mapping[str, Any] | None]
"""Rows by key as the last call left them; None where it deleted them."""


class Row(NamedTuple):
    """One row; ``kind`` is inserted, updated, deleted or "" when no call touched it."""

    key: str
    cells: list[str]
    kind: str


class TableAt(NamedTuple):
    """Some rows of ``name`` after key ``after``; ``following`` is the key to go on after, "" at the end. ``tables`` are all names; those of
    other domains are called ``domain.table``.
    """

    name: str
    tables: list[str]
    columns: list[str]
    rows: list[Row]
    following: str


def table_at(episode: Episode, seq: int, name: str, after: str) -> TableAt | None:
    """The table ``name`` (the first one when "") after event ``seq``; None when there is no such table. Raises DeskTrouble."""
    if episode.scenario is None:
        return None
    scenario = msgspec.convert(episode.scenario.body, Scenario)
    packs = catalog.packs_by_slug([world.release for world in scenario.worlds])
    name = name or next(iter(packs[scenario.domain].tables))
    domain, _, table = name.rpartition(".")
    world = next((world for world in scenario.worlds if world.domain == (domain or scenario.domain)), None)
    if world is None or table not in packs[world.domain].tables:
        return None
    pack = packs[world.domain]
    look = TableLook(table, after=after, limit=ROWS)
    place = msgspec.to_builtins(TrialWorld(pack.digest, world.seed, setting=world.setting))
    answer = desk().ask("trial_rows", place, msgspec.to_builtins(look), packs={pack.digest: pack})
    seeded = msgspec.convert(answer, TableRows)
    written = _written(episodes.deltas_until(episode.pk, seq), name)
    columns = list(pack.tables[table].columns)
    rows, following = _page(seeded, written, pack.tables[table].key, columns, after)
    others = [f"{slug}.{other}" for slug in scenario.domains[1:] for other in packs[slug].tables]
    return TableAt(name, [*packs[scenario.domain].tables, *others], columns, rows, following)


def _written(deltas: Sequence[tuple[int, Sequence[Mapping[str, Any]]]], table: str) -> dict[str, dict[str, Any] | None]:
    """Rows as the calls left them: a delta of an update holds only what it changed."""
    rows: dict[str, dict[str, Any] | None] = {}
    for _, changes in deltas:
        for change in changes:
            if change["table"] == table:
                after = change.get("after")
                rows[str(change["key"])] = None if after is None else {**(rows.get(str(change["key"])) or {}), **after}
    return rows


def _page(seeded: TableRows, written: Written, key: str, columns: Sequence[str], after: str) -> tuple[list[Row], str]:
    """Seeded and inserted rows in order of key, up to where the seeded ones of this page end."""
    last = str(seeded.rows[-1][key]) if seeded.more else None
    base = {str(row[key]): row for row in seeded.rows}
    fresh = {k: row for k, row in written.items() if k not in base and k > after and (last is None or k <= last)}
    rows = []
    for place in sorted({*base, *fresh}):
        now = written.get(place, base.get(place))
        kind = "" if place not in written else "deleted" if now is None else "updated" if place in base else "inserted"
        values = {**base.get(place, {}), **(now or {})}
        rows.append(Row(place, [short(values[column]) if column in values else "" for column in columns], kind))
    return rows, last or ""

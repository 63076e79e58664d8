"""Trials over the machines of one process: what a sandbox answers when people call tools by hand. Takes and gives plain values."""

from collections.abc import Callable
from typing import Any

import msgspec

from synthesis.engine.episode.ports import CallRecord
from synthesis.engine.scenarios.scenario import Scenario
from synthesis.engine.trials.fillings import Filling, fill
from synthesis.engine.trials.gold_replay import gold_replay
from synthesis.engine.trials.questions import last_view
from synthesis.engine.trials.tables import TableLook, table_keys, table_rows
from synthesis.engine.trials.trial import Clock, TrialWorld, play, script
from synthesis.engine.world.machine import Machine


class TrialRoom:
    """Answers by name; ``machine`` gives the machine of a release digest."""

    def __init__(self, machine: Callable[[str], Machine], clock: Clock) -> None:
        self.machine, self.clock = machine, clock
        self.methods: dict[str, Callable[..., Any]] = {
            "trial_play": self.play,
            "trial_script": self.script,
            "trial_fill": self.fill,
            "trial_rows": self.rows,
            "trial_keys": self.keys,
            "trial_gold": self.gold,
            "trial_view": self.view,
        }

    def play(self, world: Any, tool: str, args: dict[str, Any]) -> Any:
        """``trial.play``"""
        where = msgspec.convert(world, TrialWorld)
        return play(self.machine(where.release), where, tool, args, self.clock)

    def script(self, world: Any, calls: list[Any]) -> Any:
        """``trial.script``"""
        where = msgspec.convert(world, TrialWorld)
        return script(self.machine(where.release), where, [(tool, args) for tool, args in calls], self.clock)

    def fill(self, world: Any, tool: str, filling: Any) -> Any:
        """``fillings.fill``"""
        where = msgspec.convert(world, TrialWorld)
        return fill(self.machine(where.release), where, tool, msgspec.convert(filling, Filling))

    def rows(self, world: Any, look: Any) -> Any:
        """``tables.table_rows``"""
        where = msgspec.convert(world, TrialWorld)
        return table_rows(self.machine(where.release), where, msgspec.convert(look, TableLook))

    def keys(self, world: Any, tables: list[str]) -> Any:
        """``tables.table_keys``"""
        where = msgspec.convert(world, TrialWorld)
        return table_keys(self.machine(where.release), where, tables)

    def gold(self, scenario: bytes) -> Any:
        """``gold_replay.gold_replay``"""
        body = msgspec.json.decode(scenario, type=Scenario)
        return gold_replay(body, self.machine, self.clock)

    def view(self, scenario: bytes, past: list[Any], everything: bool) -> Any:
        """``questions.last_view``"""
        body = msgspec.json.decode(scenario, type=Scenario)
        return last_view(body, self.machine, msgspec.convert(past, list[CallRecord]), everything=everything)

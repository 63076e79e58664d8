"""What an episode needs from the world around it: an environment, a log, a clock."""

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from synthesis.engine.episode.events import Event
from synthesis.engine.episode.views import View
from synthesis.engine.scenarios.scenario import Scenario
from synthesis.engine.tools import Requestor, Simulation, ToolCall, ToolOutcome
from synthesis.engine.world.changes import RowChange


class Environment(Protocol):
    """One episode's private copy of its worlds. Calls are executed one after the other, in the order given."""

    @property
    def digest(self) -> str:
        """The present state digest."""

    async def call(self, call: ToolCall, requestor: Requestor = "agent") -> ToolOutcome:
        """Execute ``call``; a tool of the other side is refused (``wrong_side``).

        Never raises for anything the call does: a refusal or a crash is an outcome."""

    async def close(self) -> None:
        """Let the private copy go."""


class Settled(msgspec.Struct, frozen=True):
    """What became of a simulator's answer: the call's ``outcome``, or the ``problem`` for which nothing was changed."""

    outcome: ToolOutcome | None = None
    problem: str = ""


class Handovers(Protocol):
    """Who of a team has the conversation. A fold over the log, like every participant."""

    def observe(self, event: Event) -> None:
        """Fold one event."""

    def answer(self, call: ToolCall, digest: str) -> ToolOutcome | None:
        """What becomes of ``call`` if it is the team's business: a transfer, or a tool that is a colleague's. None: ask the world.
        ``digest`` is the present state's, which such a call leaves alone.
        """


class OpenWorld(Environment, Protocol):
    """An environment whose tools may also be answered from outside (``environments.simulated``). Between ``view`` and ``settle`` nothing is
    held: a process may die in between."""

    async def view(self, call: ToolCall, everything: bool = False) -> View | None:
        """What a simulator is shown for ``call``; None where none is wanted: the tool has a program (unless ``everything``), the arguments
        do not fit, or a fault keeps the call from happening."""

    async def settle(self, call: ToolCall, answer: Any, simulation: Simulation, everything: bool = False) -> Settled:
        """Take a simulator's ``answer`` (JSON; None: it gave none that could be used, so the call fails)."""


class Log(Protocol):
    """The episode's append-only log. Returns when the events are durable; raises LostEpisode when another worker has the episode."""

    async def append(self, events: Sequence[Event]) -> None:
        """Append ``events``, whose ``seq`` continue the log."""


class LostEpisode(Exception):
    """The episode was claimed by somebody else, paused or cancelled: stop at once and write nothing."""


class Clock(Protocol):
    """Wall time in seconds since some fixed point; only differences are used."""

    def __call__(self) -> float:
        """The present."""


class Limits(msgspec.Struct, frozen=True):
    """Ends of an episode that are data, not crashes. Of the last three 0 means none; tokens (in and out) and cost (millionths of the
    endpoints' currency) are those of the models in its seats.
    """

    max_turns: int = 40
    max_calls: int = 80
    wall_seconds: float = 300.0
    max_tokens: int = 0
    max_cost: int = 0


class CallRecord(msgspec.Struct, frozen=True):
    """A call as an episode's log tells it, for refolding and verification. ``executed`` is False where a fault kept it from happening."""

    call: ToolCall
    outcome: ToolOutcome
    executed: bool = True
    requestor: Requestor = "agent"


def was_executed(outcome: ToolOutcome) -> bool:
    """Whether the tool's program ran: not when a fault struck before it."""
    return outcome.fault is None or bool(outcome.fault.get("took_place")) or outcome.error is None


class VerifiedCall(msgspec.Struct, frozen=True):
    """One replayed call: ``broken`` lists ``{rule, check, reason}`` of policy checks it broke (rule is the 0-based policy index);
    ``same`` tells whether the replay gave what the log says (where no fault changed it); ``digest`` the state digest after it;
    ``simulated``: a model had answered it, so the replay took result and changes from the log, and ``same`` says that these could be made;
    ``schema_error`` why its arguments do not fit the tool's parameters, or None; ``crash`` a policy check that itself failed (a fault
    of the pack)."""

    id: str
    same: bool
    broken: list[dict[str, Any]]
    digest: str
    schema_error: str | None = None
    crash: str | None = None
    simulated: bool = False


class Verification(msgspec.Struct, frozen=True):
    """An episode's calls replayed in a fresh world of its seed.

    ``matches``: the net delta equals the scenario's expected one, up to renaming of fresh ids and respecting ``compare``;
    ``differences`` says in words where not.
    """

    calls: list[VerifiedCall]
    delta: list[RowChange]
    digest: str
    matches: bool
    differences: list[str]


class Worlds(Protocol):
    """Where worlds run: the sandbox processes (``synthesis.adapters.sandbox``), or in tests the interpreter in this process."""

    async def open(self, scenario: Scenario, past: Sequence[CallRecord] = ()) -> OpenWorld:
        """A private environment for ``scenario``, refolded from ``past`` calls. Raises StateMismatch if the refold's digest differs
        from the log's."""

    async def verify(self, scenario: Scenario, calls: Sequence[CallRecord]) -> Verification:
        """Replay ``calls`` in a fresh world with all policy checks."""


class StateMismatch(Exception):
    """A refolded state's digest is not the one that the log recorded."""

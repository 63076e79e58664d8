"""Fidelity of simulators on request: asked for at a door, measured by a worker in a sandbox, asked for again by the tick; and what it will
cost, before it is asked for.
"""

import asyncio
import logging
from datetime import datetime, timedelta

import msgspec
from django.contrib.auth.models import User
from django.utils import timezone

from judging.engine.statistics.rates import wilson
from studio import queue
from studio.access import audit
from studio.pipelines.jobs import Lost, ask_again, ask_worker, beating, still_ours
from studio.pipelines.model_room import ModelRoom
from synthesis.adapters.sandbox import SandboxPool
from synthesis.engine.chat.errors import ChatError, Parked
from synthesis.engine.chat.model import Usage
from synthesis.engine.chat.prices import Price
from synthesis.engine.environments.measuring import Measured, Measuring, quotas
from synthesis.engine.environments.simulated import Simulator
from synthesis.engine.packs.model import Pack
from synthesis.engine.randomness import rng_for
from synthesis.engine.scenarios.generate import GenerateRequest
from synthesis.engine.scenarios.scenario import Scenario
from synthesis.engine.simulation.fidelity import ToolFidelity, total
from synthesis.engine.simulation.looking import MOST_TEXT
from synthesis.models import FidelityReport, ModelEndpoint, Release
from synthesis.selectors import browse, endpoints, fidelity, prompts
from synthesis.services.database import DatabaseThread
from synthesis.services.fidelity import (
    FidelityRefused,
    fidelity_ask,
    fidelity_done,
    fidelity_failed,
    fidelity_go_on,
    fidelity_take,
)

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
"""A measurement at work says so every few seconds; one that is silent for so long is taken by somebody else."""
BEAT = 5.0
LONGEST_WAIT = 900.0
"""Seconds that an endpoint may ask us to wait; longer, and the measurement ends with what it has."""
MOST_WAITS = 20
"""Waits in one scenario."""
PROMPT = "tool"
LETTERS_A_TOKEN = 4
ANSWER_TOKENS = 400
AGAIN = 0.2
"""Share of answers that are asked for twice, when a cost is foreseen."""
MOST_SCENARIOS = 20
"""Scenarios tried for each call wanted, before tools that are seldom called stay without their share."""


class Foreseen(msgspec.Struct, frozen=True):
    """What a measurement will take: calls, and at most about so many tokens and so much money (millionths of ``currency``)."""

    calls: int
    tools: int
    tokens: int
    cost: int
    currency: str


class Share(msgspec.Struct, frozen=True):
    """``hits`` of ``calls`` as a share with its 95 % Wilson interval; all None without calls."""

    hits: int
    calls: int
    rate: float | None
    low: float | None
    high: float | None


class Line(msgspec.Struct, frozen=True):
    """One row of a report: a tool, or all of them together (``tool`` is "")."""

    tool: ToolFidelity
    results: Share
    states: Share
    both: Share


def share(hits: int, calls: int) -> Share:
    """A share with its interval."""
    if not calls:
        return Share(hits, calls, None, None, None)
    low, high = wilson(hits / calls, calls)
    return Share(hits, calls, hits / calls, low, high)


def lines(report: FidelityReport) -> list[Line]:
    """A report as rows: all tools together first, then each by name. States count writes alone: a read that leaves the state as it is shows
    nothing."""
    tools = list(measured_of(report).tools.values())
    return [_line(total(tools), [tool for tool in tools if tool.effect == "write"])] + [
        _line(tool, [tool] if tool.effect == "write" else []) for tool in sorted(tools, key=lambda tool: tool.tool)
    ]


def _line(tool: ToolFidelity, writes: list[ToolFidelity]) -> Line:
    states = share(sum(one.states for one in writes), sum(one.calls for one in writes))
    return Line(tool, share(tool.results, tool.calls), states, share(tool.both, tool.calls))


def measured_of(report: FidelityReport) -> Measured:
    """What a report holds."""
    return msgspec.convert(report.measured, Measured) if report.measured else Measured()


def foresee(release: Release, endpoint: ModelEndpoint, calls: int) -> Foreseen:
    """What measuring ``calls`` would cost at ``endpoint``, from above: every question as long as one may be."""
    pack = msgspec.convert(release.pack, Pack)
    tools = quotas(pack, calls)
    schemas = max((len(msgspec.json.encode([tool.parameters, tool.returns])) for tool in pack.tools.values()), default=0)
    letters = len(prompts.current(PROMPT).text) + 2 * schemas + MOST_TEXT
    asked = round(calls * (1 + AGAIN)) if tools else 0
    usage = Usage(prompt_tokens=asked * letters // LETTERS_A_TOKEN, completion_tokens=asked * ANSWER_TOKENS)
    price = Price(endpoint.price_prompt, endpoint.price_completion, endpoint.price_cached)
    tokens = usage.prompt_tokens + usage.completion_tokens
    return Foreseen(calls if tools else 0, len(tools), tokens, price.of(usage), endpoint.currency)


def _chosen(domain: str, endpoint: str) -> tuple[Release, ModelEndpoint]:
    """What is measured. Raises FidelityRefused."""
    release, row = browse.newest_release(domain), endpoints.endpoint_get(endpoint)
    if release is None:
        raise FidelityRefused("The domain has no release; publish one first.")
    if row is None or "tool" not in row.purposes:
        raise FidelityRefused("No endpoint of that name may play tools; see the models page.")
    if not quotas(msgspec.convert(release.pack, Pack), 1):
        raise FidelityRefused("No gold call of this domain has a program to measure against.")
    return release, row


def measure_here(*, domain: str, endpoint: str, calls: int, seed: int, begin: bool) -> tuple[Foreseen, FidelityReport | None]:
    """What a measurement will cost and, with ``begin``, its report, for whoever runs it in this very process. Raises FidelityRefused."""
    release, row = _chosen(domain, endpoint)
    foreseen = foresee(release, row, calls)
    if not begin:
        return foreseen, None
    prompt, now = prompts.current(PROMPT).digest, timezone.now()
    # It counts as asked for by now, and again only when this process is lost: nobody else is to take it meanwhile.
    return foreseen, fidelity_ask(release=release, endpoint=row, prompt=prompt, calls=calls, seed=seed, asked_by="command", now=now)


def measure(*, actor: User, domain: str, endpoint: str, calls: int, seed: int = 1) -> FidelityReport:
    """Ask for a measurement of the newest release of ``domain``. Raises FidelityRefused."""
    release, row = _chosen(domain, endpoint)
    with audit.change(actor, "catalogue.measure", "domain", domain, release.domain.name, note=f"{endpoint}, {calls} calls") as told:
        prompt = prompts.current(PROMPT).digest
        report = fidelity_ask(
            release=release, endpoint=row, prompt=prompt, calls=calls, seed=seed, asked_by=actor.get_username(), now=timezone.now()
        )
        told.after = str(report.pk)
        ask_worker(queue.fidelity_enqueue, report.pk)
    return report


def fidelity_run(*, report_id: int) -> str:
    """Measure, or go on. Does nothing when somebody else does. Returns the report's status ("gone" when there is no such report)."""
    attempt = fidelity_take(report_id=report_id, lease=LEASE, now=timezone.now())
    report = fidelity.report(report_id)
    if not attempt or report is None:
        return report.status if report else "gone"
    try:
        work = Work(report, attempt)
        asyncio.run(work.run())
    except Lost:
        return "lost"
    except ChatError as error:
        return _failed(report_id, attempt, f"The model did not answer: {error}")
    except FidelityRefused as refused:
        return _failed(report_id, attempt, str(refused))
    except Exception:
        logger.exception("fidelity %s", report_id)
        _failed(report_id, attempt, "The studio could not finish it; its log says why.")
        raise
    return "done" if fidelity_done(report_id=report_id, attempt=attempt, measured=work.measured, now=timezone.now()) else "lost"


def _failed(report_id: int, attempt: int, error: str) -> str:
    fidelity_failed(report_id=report_id, attempt=attempt, error=error, now=timezone.now())
    return "failed"


class Work:
    """One worker's part in a measurement: from what is measured already to the end, or to whatever stops it."""

    def __init__(self, report: FidelityReport, attempt: int) -> None:
        self.report, self.attempt = report, attempt
        self.measured = measured_of(report)
        self.pack = msgspec.convert(report.release.pack, Pack)
        self.seeds: list[int] = report.release.seeds
        self.prompt = prompts.current(PROMPT)
        if self.prompt.digest != report.prompt:
            raise FidelityRefused("The prompt of tools has changed since; ask for a new measurement.")

    async def run(self) -> None:
        """Measure. Raises Lost, ChatErrors."""
        async with (
            DatabaseThread("fidelity") as self.database,
            ModelRoom(self.database, run_id=None) as room,
            SandboxPool({self.pack.digest: self.pack}.__getitem__) as self.pool,
            beating(lambda: self.database.run(self._go_on), BEAT),
        ):
            simulator = Simulator(room.model(self.report.endpoint, "tool"), self.prompt, everything=True)
            self.measuring = Measuring(self.pack, simulator, quotas(self.pack, self.report.wanted), self.measured)
            while not self.measuring.done and self.measured.next < MOST_SCENARIOS * self.report.wanted:
                await self._scenario(self.measured.next)
                self.measured.turn_over()

    async def _scenario(self, number: int) -> None:
        """One scenario of an intent that still helps; every third with a wrong value, so that errors are seen too."""
        wanted = self.measuring.wanted()
        if not wanted:
            return
        rng = rng_for(self.report.seed, "fidelity", number)
        request = GenerateRequest(
            self.pack.digest,
            "wrong_value" if number % 3 == 2 else "plain",
            rng.getrandbits(32),
            self.seeds,
            intent=wanted[number % len(wanted)],
        )
        reply = await self.pool.generate(request)
        if reply.scenario is None:
            return
        for _ in range(MOST_WAITS):
            wait = await self._walked(reply.scenario)
            if wait is None:
                return
            await asyncio.sleep(wait)
        raise FidelityRefused("The model was not to be had again and again.")

    async def _walked(self, scenario: Scenario) -> float | None:
        """Go through a scenario; seconds after which it has to be gone through again, from where it stands, or None."""
        world = await self.pool.open(scenario)
        try:
            await self.measuring.scenario(scenario, world, self._tell)
        except Parked as parked:
            if parked.seconds > LONGEST_WAIT:
                raise
            return parked.seconds
        finally:
            await world.close()
        return None

    async def _tell(self) -> None:
        """Keep what was measured. Raises Lost."""
        if not await self.database.run(self._go_on):
            raise Lost

    def _go_on(self) -> bool:
        which, now = self.report.pk, timezone.now()
        return still_ours(
            f"fidelity {which}", fidelity_go_on, report_id=which, attempt=self.attempt, measured=self.measured, lease=LEASE, now=now
        )


def fidelity_ask_again(*, now: datetime) -> list[int]:
    """Enqueue measurements whose message or worker was lost. Returns their ids."""
    return ask_again(FidelityReport.objects, fidelity.reports_lost, queue.fidelity_enqueue, now=now)

"""Hostile programs are contained: the call fails within seconds, the environment goes on, its log stays whole.

Every attack is the program of ``find_items`` in an otherwise sound pack. Around it two ordinary calls must give what they give without it.
"""

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from synthesis.adapters.sandbox import SandboxLimits, SandboxPool
from synthesis.adapters.sandbox.process import SandboxDied
from synthesis.engine.episode.ports import CallRecord
from synthesis.engine.packs.model import Pack
from synthesis.engine.packs.parse import parse_pack
from synthesis.engine.scenarios.generate import GenerateRequest
from synthesis.engine.scenarios.scenario import Scenario, WorldRef
from synthesis.engine.tools import ToolCall
from tests.packs import tool_shed, tool_shed_text

ATTACKS = {
    "loop over a huge range": "def run(args):\n    for i in range(1 << 60): pass",
    "nested loops": "def run(args):\n    n = 0\n    for a in range(100000):\n        for b in range(100000): n += 1\n    return n",
    "list comprehension without end": "def run(args): return [i for i in range(1 << 50) if i < 0]",
    "sorting without end": "def run(args):\n    x = list(range(300000))\n    for i in range(100000): x = sorted(x)\n    return 1",
    "string growth": "def run(args):\n    s = 'x'\n    for i in range(100): s = s + s\n    return len(s)",
    "list growth": "def run(args):\n    s = [1]\n    for i in range(100): s = s + s\n    return len(s)",
    "dict growth": "def run(args):\n    d = {}\n    for i in range(1 << 40): d[i] = str(i) * 50\n    return 1",
    "one huge string": "def run(args): return len('x' * (1 << 40))",
    "one huge list": "def run(args): return len([0] * (1 << 40))",
    "huge integer": "def run(args):\n    x = 7\n    for i in range(60): x = x * x\n    return 1",
    "integer shift": "def run(args): return 1 << 100000000000",
    "recursion": "def run(args): return run(args)",
    "mutual recursion": "def a(n): return b(n + 1)\ndef b(n): return a(n + 1)\ndef run(args): return a(0)",
    "recursion through lambda": "def run(args):\n    f = lambda g, n: g(g, n + 1)\n    return f(f, 0)",
    "recursion through sorted": "def key(x): return sorted([1], key = key)\ndef run(args): return sorted([1], key = key)",
    "huge result": "def run(args): return 'x' * 3000000",
    "huge result of rows": "def run(args): return [find('items') for i in range(2000)]",
    "deep result": "def run(args):\n    x = []\n    for i in range(5000): x = [x]\n    return x",
    "deep but small result": "def run(args):\n    x = 1\n    for i in range(40): x = {'a': x}\n    return x",
    "integer beyond 64 bits": "def run(args): return 1 << 80",
    "negative integer beyond 64 bits": "def run(args): return -(1 << 80)",
    "NaN": "def run(args): return float('nan')",
    "infinity": "def run(args): return float('inf') * 2",
    "function as result": "def run(args): return run",
    "cyclic list": "def run(args):\n    x = []\n    x.append(x)\n    return x",
    "non-text keys": "def run(args): return {1: 2, (1, 2): 3}",
    "unknown table": "def run(args): return find('secrets')",
    "unknown column": "def run(args): return find('items', colour = 'red')",
    "incomparable filter": "def run(args): return find('items', kind__lt = 5)",
    "table that is no text": "def run(args): return find(17)",
    "a read that inserts": "def run(args): return insert('items', {'item_id': 'I-999', 'kind': 'drill', 'door': 'front'})",
    "a read that updates": "def run(args): return update('items', 'I-001', {'out': True})",
    "a read that deletes": "def run(args): return delete('items', 'I-001')",
    "a read that takes ids": "def run(args): return new_id('items')",
    "randomness in a tool": "def run(args): return pick([1, 2, 3])",
    "stop with odd types": "def run(args): stop({'a': 1}, ['b'] * 100)",
    "stop with a huge message": "def run(args): stop('not_found', 'x' * 5000000)",
    "host call storm": "def run(args):\n    for i in range(1 << 40): find('items')",
    "division by zero": "def run(args): return 1 // 0",
    "hidden host functions with odd arguments": "def run(args): return [_find('items', 'not json'), _get(None, None)]",
    "builtins of Python": "def run(args): return open('/etc/passwd')",
    "import": "load('os', 'system')\ndef run(args): return 1",
    "printing floods": "def run(args):\n    for i in range(100000): print('x' * 1000)\n    return 1",
}

LIMITS = SandboxLimits(memory_mb=700, call_seconds=0.5, kill_seconds=2.0)
CALL_SECONDS = 5.0


STEPS = 25_000_000
"""Of a loop: some tenths of a second of computing."""
ENDLESS = ATTACKS["nested loops"]


def crowding() -> float:
    """How many times longer things last on this machine just now: processes that want a processor, for each there is."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def attacked(program: str) -> Pack:
    """The sound pack with ``program`` in the place of find_items' own."""
    text = tool_shed_text()
    start = text.index('    program: |\n      def run(args): return [i for i in find("items", kind')
    end = text.index("  - name: borrow_item")
    lines = "\n".join("      " + line for line in program.splitlines())
    return parse_pack(text[:start] + "    program: |\n" + lines + "\n" + text[end:])


def scenario_on(pack: Pack, like: Scenario) -> Scenario:
    """``like`` on another release of its pack."""
    from msgspec.structs import replace

    return replace(like, worlds=[WorldRef(pack.slug, pack.digest, like.worlds[0].seed)])


@pytest.fixture(scope="module")
def packs() -> dict[str, Pack]:
    return {tool_shed().digest: tool_shed()}


@pytest.mark.parametrize("name", list(ATTACKS))
async def test_an_attack_is_contained(name: str, packs: dict[str, Pack]) -> None:
    pack = attacked(ATTACKS[name])
    packs[pack.digest] = pack
    async with SandboxPool(packs.__getitem__, limits=LIMITS) as pool:
        reply = await pool.generate(GenerateRequest(tool_shed().digest, "plain", 1, [1], intent="extend"))
        assert reply.scenario is not None
        environment = await pool.open(scenario_on(pack, reply.scenario))
        card = reply.scenario.wishes[0].steps[0].args
        before = await environment.call(ToolCall("c1", "find_member", card))
        started = time.monotonic()
        outcome = await environment.call(ToolCall("c2", "find_items", {"kind": "drill"}))
        assert time.monotonic() - started < CALL_SECONDS * crowding()
        loan = reply.scenario.wishes[0].steps[-1]
        after = await environment.call(ToolCall("c3", "extend_loan", loan.args))

        assert before.ok and after.ok
        assert outcome.delta == []
        assert outcome.digest == before.digest
        if name not in {"printing floods"}:
            assert outcome.error is not None, outcome.result
            assert len(outcome.error.message) <= 1000
        assert after.digest != before.digest
        await assert_log_is_whole(pool, scenario_on(pack, reply.scenario), environment.calls)


async def assert_log_is_whole(pool: SandboxPool, scenario: Scenario, calls: list[CallRecord]) -> None:
    """The recorded calls refold to the recorded digests."""
    assert [record.call.id for record in calls] == ["c1", "c2", "c3"]
    again = await pool.open(scenario, calls)
    assert again.digest == calls[-1].outcome.digest


def children() -> set[int]:
    """The processes that this one has started and not yet buried."""
    return {int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="processes are found in /proc")
@pytest.mark.parametrize("wall", [15.0, 1.0], ids=["a machine that is slow", "a machine that hangs"])
async def test_what_a_program_takes_is_computing_and_not_waiting(wall: float, packs: dict[str, Pack]) -> None:
    """The sandbox stands still in the middle of a call for longer than a program may take. Only where that lasts is it given up."""
    pack = attacked(
        f"def run(args):\n    for a in range({STEPS}): pass\n    return [dict(item_id = 'I-1', kind = 'drill', door = 'front')]"
    )
    packs[pack.digest] = pack
    before = children()
    async with SandboxPool(packs.__getitem__, limits=SandboxLimits(memory_mb=700, call_seconds=1.0, kill_seconds=2.0, wall=wall)) as pool:
        reply = await pool.generate(GenerateRequest(tool_shed().digest, "plain", 1, [1], intent="extend"))
        assert reply.scenario is not None
        environment = await pool.open(scenario_on(pack, reply.scenario))
        [child] = children() - before
        called = asyncio.create_task(environment.call(ToolCall("c1", "find_items", {"kind": "drill"})))
        await asyncio.sleep(0.1 if wall > 1.0 else 0.0)
        os.kill(child, signal.SIGSTOP)
        await asyncio.sleep(3.0)
        try:
            os.kill(child, signal.SIGCONT)
        except ProcessLookupError:
            assert wall == 1.0, "killed although it only waited"
        outcome = await called
        assert outcome.ok is (wall > 1.0), outcome.error
        card = reply.scenario.wishes[0].steps[0].args
        assert (await environment.call(ToolCall("c2", "find_member", card))).ok, "the environment goes on"


async def test_a_process_that_notices_nothing_is_ended_for_what_it_computes(packs: dict[str, Pack]) -> None:
    """A program that would notice its limit only after the kernel's: nobody waits for the time on the wall."""
    pack = attacked(ENDLESS)
    packs[pack.digest] = pack
    async with SandboxPool(packs.__getitem__, limits=SandboxLimits(memory_mb=700, call_seconds=600, kill_seconds=0.5, wall=600)) as pool:
        reply = await pool.generate(GenerateRequest(tool_shed().digest, "plain", 1, [1], intent="extend"))
        assert reply.scenario is not None
        environment = await pool.open(scenario_on(pack, reply.scenario))
        started = time.monotonic()
        outcome = await environment.call(ToolCall("c1", "find_items", {"kind": "drill"}))
        assert outcome.error is not None and outcome.error.code == "internal_error"
        assert time.monotonic() - started < CALL_SECONDS * crowding()
        again = {"id": "c2", "name": "find_items", "arguments": {"kind": "drill"}}
        with pytest.raises(SandboxDied, match=r"call computed for longer than 0\.5 s"):
            await pool.ask(0, "call", environment.number, again, "agent", seconds=0.5)

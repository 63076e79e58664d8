"""What programs can do and what they cannot: the host's functions, rights, crashes, results."""

from typing import Any

import pytest
from msgspec.structs import replace

from synthesis.adapters.starlark import StarlarkInterpreter
from synthesis.engine.packs.model import Column, Tool
from synthesis.engine.randomness import rng_for
from synthesis.engine.world.machine import CallResult, LoggedCall, Machine
from synthesis.engine.world.programs import Crash
from tests.packs import tool_shed
from tests.worlds import machine


def with_program(body: str, *, effect: str = "read", **changes: Any) -> Machine:
    """The tool shed with one more tool, ``probe``, whose ``run`` has this body."""
    lines = "\n".join("    " + line for line in body.splitlines())
    tool = Tool("probe", "A probe for tests.", effect, {"type": "object"}, f"def run(args):\n{lines}\n")  # type: ignore[arg-type]
    pack = replace(tool_shed(), tools={**tool_shed().tools, "probe": tool}, **changes)
    return Machine(pack, StarlarkInterpreter())


def probe(body: str, *, effect: str = "read", args: dict[str, Any] | None = None) -> CallResult:
    """What the probe gives on world 1."""
    there = with_program(body, effect=effect)
    return there.call(there.state(1), "probe", args or {})


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("sum([1, 2, 3])", 6),
        ("sum([1], 10)", 11),
        ("round(2.5)", 2),
        ("round(3.14159, 2)", 3.14),
        ("first([])", None),
        ("first([], 7)", 7),
        ("first([4, 5])", 4),
        ("tally(['a', 'b', 'a'])", {"a": 2, "b": 1}),
        ("pad(7, 3)", "007"),
        ("pad(1234, 3)", "1234"),
        ("money(1250)", "$12.50"),
        ("money(-5)", "-$0.05"),
        ("money(123456789)", "$1,234,567.89"),
        ("add_days('2026-02-27', 3)", "2026-03-02"),
        ("add_days('2026-02-27T10:30', -1)", "2026-02-26T10:30"),
        ("add_minutes('2026-12-31T23:50', 20)", "2027-01-01T00:10"),
        ("add_minutes('2026-05-01', 90)", "2026-05-01T01:30"),
        ("days_between('2026-03-01', '2026-02-27')", -2),
        ("days_between('2026-03-01T23:00', '2026-03-02T01:00')", 1),
        ("minutes_between('2026-03-01T10:00', '2026-03-01T11:30')", 90),
        ("weekday('2026-11-23')", "Monday"),
        ("len(find('members'))", 12),
        ("count('members')", 12),
        ("one('members', card = 'x')", None),
        ("get('members', 'M-999')", None),
        ("get('members', 5)", None),
        ("len(find('members', limit = 3))", 3),
        ("[m['member_id'] for m in find('members', order_by = '-member_id', limit = 2)]", ["M-012", "M-011"]),
        ("today() == now()[:10]", True),
        ("{'a': 1} | {'b': 2}", {"a": 1, "b": 2}),
        ("args.get('x', 3)", 3),
    ],
)
def test_functions_give_what_the_page_says(expression: str, value: object) -> None:
    result = probe(f"return {expression}")
    assert result.error is None, result.crash
    assert result.result == value


def test_a_write_tool_writes_and_reports_its_delta() -> None:
    body = (
        "key = new_id('items')\n"
        "insert('items', {'item_id': key, 'kind': 'saw', 'door': 'back'})\n"
        "return [update('items', key, {'door': 'front'}), delete('items', key)['door'], new_id('items')]"
    )
    result = probe(body, effect="write")
    assert result.result == [{"item_id": "I-041", "kind": "saw", "door": "front", "out": False}, "front", "I-042"]
    assert result.delta == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return insert('items', {})", "for write tools and seed only"),
        ("return pick([1])", "for seed and bind only"),
        ("return sample([1], 1)", "for seed and bind only"),
        ("return chance(0.5)", "for seed and bind only"),
        ("return find('shoes')", "no table shoes"),
        ("return find('items', order_by = 'size')", "no column size"),
        ("return add_days('soon', 1)", "is no date"),
        ("return args['missing']", "missing"),
        ("return float('nan')", "NaN"),
        ("return 1 << 70", "beyond 64 bits"),
        ("return 'x' * 300000", "the limit is 262,144"),
        ("fail('oh no')", "oh no"),
        ("return _find('[]')", "a table is named by text"),
        ("for a in range(6000):\n    find('items')", "rows in one call"),
    ],
)
def test_a_program_that_goes_wrong_crashes_its_call_with_the_reason(body: str, words: str) -> None:
    result = probe(body)
    assert result.error is not None and result.error.code == "internal_error" and result.error.message == "The tool failed."
    assert result.crash is not None and words in result.crash


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return insert('items', 5)", "a row is a dict"),
        ("return update('items', 'I-999', {})", "no row 'I-999' to update"),
        ("return delete('items', 'I-999')", "to delete"),
        ("return update('items', 'I-001', {'item_id': 'I-500'})", "a key cannot change"),
    ],
)
def test_a_bad_write_is_refused_with_the_reason(body: str, words: str) -> None:
    result = probe(body, effect="write")
    assert result.crash is not None and words in result.crash


def test_stop_rolls_back_and_is_an_error_of_the_tool() -> None:
    there = with_program("update('items', 'I-001', {'kind': 'boat'})\nstop('no_way', 'Not today.')", effect="write")
    state = there.state(1)
    before = state.digest()
    result = there.call(state, "probe", {})
    assert result.error is not None and (result.error.code, result.error.message) == ("no_way", "Not today.")
    assert result.crash is None and state.digest() == before


def test_a_check_may_not_stop() -> None:
    checks = {**tool_shed().checks, "own_loans": replace(tool_shed().checks["own_loans"], program="def check(call, log): stop('a', 'b')\n")}
    there = Machine(replace(tool_shed(), checks=checks), StarlarkInterpreter())
    with pytest.raises(Crash, match="only tools may stop"):
        there.broken(there.state(1), "list_loans", {"member_id": "M-001"}, [])


def test_checks_that_share_a_name_keep_their_own_meaning() -> None:
    own, once = tool_shed().checks["own_loans"], tool_shed().checks["extend_once"]
    checks = {
        **tool_shed().checks,
        "own_loans": replace(own, program="WORD = 'one'\ndef check(call, log): return WORD\n"),
        "extend_once": replace(once, program="WORD = 'two'\ndef check(call, log): return WORD\n"),
    }
    there = Machine(replace(tool_shed(), checks=checks), StarlarkInterpreter())
    reasons = {b.check: b.reason for b in there.broken(there.state(1), "find_member", {"card": "1"}, [])}
    assert reasons == {"own_loans": "one", "extend_once": "two"}


def test_a_crashing_check_is_named_among_sound_ones() -> None:
    broken = replace(tool_shed().checks["extend_once"], program="def check(call, log):\n    return log[99]\n")
    there = Machine(replace(tool_shed(), checks={**tool_shed().checks, "extend_once": broken}), StarlarkInterpreter())
    with pytest.raises(Crash, match=r"checks\.extend_once line 2"):
        there.broken(there.state(1), "find_member", {"card": "1"}, [])


def test_built_in_checks_look_at_the_log() -> None:
    checks = {**tool_shed().checks, "never_pay": replace(tool_shed().checks["identify_first"], before=None, never=["pay_fee"])}
    there = Machine(replace(tool_shed(), checks=checks), StarlarkInterpreter())
    failed = LoggedCall("find_member", {}, False, None, "not_found")
    assert [b.check for b in there.broken(there.state(1), "pay_fee", {"loan_id": "L-9"}, [failed])] == ["identify_first", "never_pay"]
    assert there.broken(there.state(1), "find_member", {"card": "1"}, []) == []


@pytest.mark.parametrize(
    ("make", "accepts"),
    [
        ({"int": [3, 5]}, lambda v: v in (3, 4, 5)),
        ({"step": [100, 500, 50]}, lambda v: v % 50 == 0 and 100 <= v <= 500),
        ({"number": [1, 2, 1]}, lambda v: 1 <= v <= 2),
        ({"date": [-3, 3]}, lambda v: len(v) == 10),
        ({"moment": {"days": [0, 1], "times": ["09:15"]}}, lambda v: v.endswith("T09:15")),
        ({"chance": 1.0}, lambda v: v is True),
        ({"weighted": {"a": 1, "b": 3}}, lambda v: v in "ab"),
        ({"pattern": "@#-x"}, lambda v: v[0].isupper() and v[1].isdigit() and v[2:] == "-x"),
        ({"template": "{member_id}!"}, lambda v: v.startswith("M-") and v.endswith("!")),
        ({"choice": [7], "null_rate": 1.0}, lambda v: v is None),
        *(
            ({"fake": name}, lambda v: isinstance(v, str) and v)
            for name in ("first_name", "last_name", "company", "city", "street", "postcode", "email", "pet_name", "color", "word")
        ),
    ],
)
def test_makers_make_what_they_say(make: dict[str, Any], accepts: Any) -> None:
    members = tool_shed().tables["members"]
    table = replace(members, columns={**members.columns, "extra": Column({}, make=make)})
    world = Machine(replace(tool_shed(), tables={**tool_shed().tables, "members": table}), StarlarkInterpreter()).world(3)
    values = [row.values["extra"] for row in world.tables["members"].values()]
    assert all(accepts(value) for value in values), values


def test_worlds_stand_on_working_days_in_working_hours() -> None:
    for seed in range(1, 30):
        now = machine().world(seed).now
        assert "09:00" <= now[11:] < "17:00"
        assert now.startswith(("2026-", "2027-01"))


def test_a_bind_must_return_its_caller() -> None:
    intent = replace(tool_shed().intents["settle"], bind="def bind(given): return {'due': []}\n")
    there = Machine(replace(tool_shed(), intents={**tool_shed().intents, "settle": intent}), StarlarkInterpreter())
    with pytest.raises(Crash, match="row 'member'"):
        there.bind(there.state(1), "settle", {"caller": None, "earlier": []}, rng_for(1))


def test_seeding_faults_name_the_table_or_the_program() -> None:
    with pytest.raises(Crash, match="seed"):
        Machine(replace(tool_shed(), seed="def seed(): stop('a', 'b')\n"), StarlarkInterpreter()).world(1)
    with pytest.raises(Crash, match=r"seed line 2: .*no column colour"):
        Machine(replace(tool_shed(), seed="def seed():\n    find('items', colour = 1)\n"), StarlarkInterpreter()).world(1)

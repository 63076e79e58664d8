"""The audit finds what is wrong with a pack that reads well."""

import pytest

from synthesis.adapters.starlark import StarlarkInterpreter
from synthesis.engine.audit.audit import audit_pack
from synthesis.engine.audit.programs import edited_rows
from synthesis.engine.audit.report import AuditReport
from synthesis.engine.packs.parse import parse_pack
from synthesis.engine.scenarios.scenario import VARIATIONS
from tests.packs import manual_shed, manual_shed_text, tool_shed, tool_shed_text

WORLDS = 10


def audit(old: str = "", new: str = "") -> AuditReport:
    text = tool_shed_text()
    assert old in text
    return audit_pack(parse_pack(text.replace(old, new, 1) if old else text), StarlarkInterpreter(), worlds=WORLDS)


def test_a_sound_pack_passes_with_every_variation_of_its_own() -> None:
    report = audit()
    assert report.findings == [f for f in report.findings if f.severity == "warning"]
    assert report.passed and report.seeds == list(range(1, WORLDS + 1))
    assert set(report.variations) == set(VARIATIONS) - {"similar_tools"}
    assert report.writes > 50
    assert report.digest == tool_shed().digest


def test_the_same_pack_gives_the_same_report() -> None:
    assert audit() == audit()


CASES = [
    ("def run(args): return one(", "def run(args) return one(", "tools.find_member.program", "does not parse"),
    ("def run(args): return one(", "def ran(args): return one(", "tools.find_member.program", "has no function run"),
    ('stop("not_found", "No member has this card.")', 'stopp("not_found", "x")', "tools.find_member.program", "not found"),
    (
        'update("items", item["item_id"], {"out": True})\n          return',
        'item["out"] = True\n          return',
        "tools.borrow_item.program",
        "edits the row item",
    ),
    ('if not get("items", loan["item_id"])["out"]', 'if get("items", loan["item_id"])["out"]', "seed", "breaks an invariant"),
    ('          if item["out"]: stop("is_out", "Somebody has that tool.")\n', "", "tools.3.errors", "nothing reached the error is_out"),
    ('errors: [{code: not_found, when: nobody has this card, example: {card: "000000"}}]', "errors: []", "tools.0.errors", "not declared"),
    (
        "returns: {type: object, required: [member_id, name, pickup]}",
        "returns: {type: object, required: [colour]}",
        "tools.0.returns",
        "does not fit",
    ),
    ('          if loan["fee"] == 0 or loan["paid"]', '          if 1 // loan["fee"] == 0 or loan["paid"]', "tools.6.program", "crashed"),
    (
        'member = given["caller"] or pick(find("members"))\n          due =',
        'if today() > "2000": return None\n          member = given["caller"] or pick(find("members"))\n          due =',
        "intents.3.bind",
        "binds in 0",
    ),
    ('return {"member": member, "due": due,', 'return {"due": due,', "intents.settle.bind", "returned no dict with the row 'member'"),
    (
        'args: {member_id: "{found.member_id}", status: returned}',
        'args: {member_id: "{lost.member_id}", status: returned}',
        "intents.3",
        "{lost.member_id}",
    ),
    (
        '      - {call: list_loans, args: {member_id: "{found.member_id}", status: returned}}\n',
        "",
        "intents.3",
        "an id nobody has seen: pay_fee.loan_id",
    ),
    ('"All paid: {total:money}."', '"All paid: {sum:money}."', "intents.3.phrases.en.report.0", "{sum} has no value"),
    ('tells: [{fact: "{total}", as: money}]', 'tells: [{fact: "{bill}", as: money}]', "intents.3", "{bill}"),
    ('make: {pattern: "4#####", unique: true}', 'make: {choice: ["400000"], unique: true}', "tables.members", "no unused value"),
    ('make: {pattern: "4#####", unique: true}', 'make: {pattern: "4####", unique: true}', "tables.members", "does not match"),
]


@pytest.mark.parametrize(("old", "new", "place", "problem"), CASES, ids=[f"{i:02d}" for i in range(len(CASES))])
def test_a_fault_is_found_with_place_and_remedy(old: str, new: str, place: str, problem: str) -> None:
    report = audit(old, new)
    matching = [f for f in report.errors if f.place.startswith(place) and problem in f.problem]
    assert matching, [str(f) for f in report.findings]
    assert all(finding.remedy for finding in matching)
    assert not report.passed


def test_edits_of_fetched_rows_are_seen_and_edits_of_own_dicts_are_not() -> None:
    text = (
        "def run(args):\n"
        "    row = get('t', 'k') or stop('x', 'y')\n"
        "    row['a'] = 1\n"
        "    for other in find('t'):\n"
        "        other['b'] += 1\n"
        "    mine = {}\n"
        "    mine['c'] = 2\n"
        "    return mine\n"
    )
    assert list(edited_rows(text)) == [(3, "row"), (5, "other")]


def test_a_pack_with_simulated_tools_passes_without_a_model() -> None:
    report = audit_pack(manual_shed(), StarlarkInterpreter(), worlds=WORLDS)
    assert report.passed and report.intents["charge_time"].complete > 0


SIMULATED = [
    ('minutes: "{manual.minutes}", summary', "minutes: soon, summary", "gives does not fit returns"),
    (
        'args: {query: "{manual.manual_id}"}\n        gives: [{manual_id: "{manual.manual_id}"',
        'args: {query: "{other.manual_id}"}\n        gives: [{manual_id: "{manual.manual_id}"',
        "gold names a value that is not bound",
    ),
]


@pytest.mark.parametrize(("old", "new", "problem"), SIMULATED)
def test_what_a_simulated_tool_gives_is_audited(old: str, new: str, problem: str) -> None:
    text = manual_shed_text()
    assert old in text
    report = audit_pack(parse_pack(text.replace(old, new, 1)), StarlarkInterpreter(), worlds=WORLDS)
    assert any(problem in finding.problem for finding in report.findings if finding.severity == "error")


def test_an_id_that_only_a_simulator_gives_is_not_seen() -> None:
    text = manual_shed_text()
    gold = '      - {call: find_member, args: {card: "{member.card}"}}\n      - call: search_manuals\n'
    assert gold in text
    text = text.replace(
        '        gives: [{manual_id: "{manual.manual_id}", minutes',
        '        gives: [{manual_id: "{manual.manual_id}", page_id: "{member.member_id}", minutes',
        1,
    )
    text = text.replace(
        '    tells: [{fact: "{manual.minutes}", as: number}]',
        '      - {call: list_loans, args: {member_id: "{member.member_id}"}}\n    tells: [{fact: "{manual.minutes}", as: number}]',
        1,
    )
    text = text.replace(gold, "      - call: search_manuals\n", 1)
    report = audit_pack(parse_pack(text), StarlarkInterpreter(), worlds=WORLDS)
    assert any("gold uses an id nobody has seen: list_loans.member_id" in finding.problem for finding in report.findings)

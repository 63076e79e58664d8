"""Findings lead to the line of the file they are about, also inside programs."""

import pytest

from synthesis.adapters.starlark import StarlarkInterpreter
from synthesis.engine.audit.audit import audit_pack
from synthesis.engine.packs.findings import Finding, PackError
from synthesis.engine.packs.locate import line_of, located, path_of
from synthesis.engine.packs.parse import parse_pack
from synthesis.engine.packs.yaml_text import load
from tests.packs import tool_shed_text
from tests.synthesis.engine.audit.test_audit import CASES as AUDIT_CASES
from tests.synthesis.engine.packs.test_malformed import CASES as MALFORMED

LINES = [
    ("tools.find_member.program", "does not parse: line 1: no", "def run(args): return one("),
    ("tools.3.program", "line 3: edits the row", 'get("members", args["member_id"]) or stop'),
    (
        "tools.6.program",
        "pay_fee{'x': 'line 9: y'} crashed: tools.pay_fee.program line 2: no",
        'loan = get("loans", args["loan_id"]) or stop',
    ),
    ("checks.extend_once", "fails in world 3: line 3: no", 'loan = get("loans", call["args"]["loan_id"])\n        if loan and loan["ext'),
    ("intents.settle.bind", "does not compile: line 4: no", "if not due: return None"),
    ("intents.borrow.variations.preference.bind", "line 2: no", 'member = given["caller"] or pick(find("members"))\n              kind'),
    ("seed", "fails on world 1: line 2: no", 'for member in find("members"):\n          for item'),
    ("helpers", "does not compile: line 2: no", 'loan = get("loans", loan_id)'),
    ("invariants", "broken after pay_fee: x.", "invariants: |"),
    ("intents.3.phrases.en.report.0", "{x} has no value there.", 'report: ["All paid'),
    ("tables.members", "is empty in every world.", "  members:"),
    ("policy.3.refuse", "is missing", "refuse:\n      en: [\"I'm sorry, a loan"),
    ("tools.0.errors", "nothing reached the error", "errors: [{code: not_found, when: nobody"),
    ("intents.next_due.nothing.there", "x", "- id: next_due"),
]


@pytest.mark.parametrize(("place", "problem", "words"), LINES, ids=[line[0] for line in LINES])
def test_a_place_leads_to_its_line(place: str, problem: str, words: str) -> None:
    text = tool_shed_text()
    assert text.count(words) >= 1
    line = line_of(Finding(place, problem, ""), load(text))
    assert words.partition("\n")[0] in text.split("\n")[line - 1]


@pytest.mark.parametrize(("old", "new", "place", "problem"), MALFORMED, ids=[f"{i:02d}-{c[2]}" for i, c in enumerate(MALFORMED)])
def test_what_reading_finds_is_near_what_was_broken(old: str, new: str, place: str, problem: str) -> None:
    text = tool_shed_text()
    if 'wants: {en: "Pay' in old:
        old = text[text.index('wants: {en: "Pay all') : text.index("\n", text.index('wants: {en: "Pay all'))]
    broken = text.replace(old, new, 1)
    with pytest.raises(PackError) as error:
        parse_pack(broken)
    for finding in located(error.value.findings, broken):
        assert 1 <= finding.line <= broken.count("\n") + 1
        path = path_of(finding.place, load(broken).data)
        assert finding.place == "file" or path, finding


@pytest.mark.parametrize(("old", "new", "place", "problem"), AUDIT_CASES, ids=[f"{i:02d}" for i in range(len(AUDIT_CASES))])
def test_every_finding_of_an_audit_has_a_line(old: str, new: str, place: str, problem: str) -> None:
    text = tool_shed_text().replace(old, new, 1)
    report = audit_pack(parse_pack(text), StarlarkInterpreter(), worlds=3)
    changed = {number for number, (a, b) in enumerate(zip(text.split("\n"), tool_shed_text().split("\n"), strict=False), start=1) if a != b}
    found = [finding for finding in located(report.errors, text) if finding.place.startswith(place) and problem in finding.problem]
    assert all(finding.line for finding in found)
    for finding in found:
        if "line " in finding.problem.split("crashed")[-1][:40]:
            assert finding.line in changed, (finding, sorted(changed)[:3])


def test_findings_of_an_unreadable_text_keep_what_they_know() -> None:
    finding = Finding("file", "is not YAML.", "Mend it.", 3)
    assert located([finding], "a: [") == [finding]


def test_numbers_and_characters_beyond_a_database_are_refused_with_their_line() -> None:
    for text in ("a: 1\nb: 99999999999999999999", "a: 1\nb: 1e999", 'a: 1\nb: "x\\0y"', "a: 1\nb: " + "9" * 5000):
        with pytest.raises(PackError) as error:
            load(text)
        assert error.value.findings[0].line == 2

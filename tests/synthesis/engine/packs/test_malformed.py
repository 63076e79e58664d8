"""Malformed packs: every one gives a finding that names the place and the remedy.

Each case is a change to the sound pack ``tool_shed``: (what to replace, by what, place of the finding, words of its problem).
"""

from time import monotonic

import pytest

from synthesis.engine.packs.findings import PackError
from synthesis.engine.packs.parse import parse_pack
from tests.packs import manual_shed_text, tool_shed_text

CASES = [
    ("format: domain-pack/1", "format: domain-pack/9", "format", "was expected"),
    ("slug: tool_shed", "slug: Tool Shed", "slug", "does not match"),
    ("name: Tool shed\n", "", "file", "required"),
    ("complexity: 2\ncaller", "complexity: 7\ncaller", "complexity", "maximum"),
    ("complexity: 2\ncaller", "complexity: two\ncaller", "complexity", "not of type"),
    ("category: community/sharing", "category: Community Sharing", "category", "does not match"),
    ("caller: {name: member, table: members}", "caller: {name: member, table: people}", "caller.table", "people is not a table"),
    ("caller: {name: member, table: members}", "caller: members", "caller", "not of type"),
    ("agent: You look", "agents: You look", "file", "agents"),
    ("check: own_loans}", "check: their_loans}", "policy.1.check", "does not exist"),
    (
        '  identify_first: {before: [find_member, "*"]}',
        '  identify_first: {before: [find_person, "*"]}',
        "checks.identify_first.before",
        "find_person",
    ),
    (
        '  identify_first: {before: [find_member, "*"]}',
        "  identify_first: {before: [find_member]}",
        "checks.identify_first",
        "is not valid",
    ),
    ('  confirm_changes: {confirm: "*"}', "  confirm_changes: {confirm: lend}", "checks.confirm_changes.confirm", "lend"),
    (
        '  confirm_changes: {confirm: "*"}',
        '  confirm_changes: {confirm: "*"}\n  spare: {never: pay_fee}',
        "checks.spare",
        "used by no policy rule",
    ),
    ('      ko: ["죄송하지만 대출 연장은', '      kr: ["죄송하지만 대출 연장은', "policy.3.refuse", "ko"),
    ("key: member_id", "key: id", "tables.members.key", "names the column id"),
    (
        'card: {type: string, pattern: "^[0-9]{6}$", make',
        'card: {type: strings, pattern: "^[0-9]{6}$", make',
        "tables.members.columns.card",
        "not a valid JSON Schema",
    ),
    ("make: {fake: full_name}", "make: {fake: fullname}", "tables.members.columns.name.make.fake", "is not one of"),
    ("make: {fake: full_name}", "make: {fake: full_name, choice: [a]}", "tables.members.columns.name.make", "two makers"),
    ("make: {fake: full_name}", "made: {fake: full_name}", "tables.members.columns.name", "made"),
    (
        'member_id: {type: string, make: {serial: "M-{:03d}"}}',
        'member_id: {type: integer, make: {serial: "M-{:03d}"}}',
        "tables.members.columns.member_id",
        "not a string",
    ),
    (
        'member_id: {type: string, make: {serial: "M-{:03d}"}}',
        "member_id: {type: string, make: {fake: word}}",
        "tables.members.columns.member_id",
        "no series",
    ),
    (
        "member_id: {type: string, ref: members}\n",
        "member_id: {type: string, ref: persons}\n",
        "tables.loans.columns.member_id.ref",
        "persons",
    ),
    ("    rows: 40", "    rows: many", "tables.items.rows", "is not valid"),
    ("    rows: 40", "    rows: -1", "tables.items.rows", "is not valid"),
    ("    rows: 40", "    rows: 40\n    unique: [[kind, shelf]]", "tables.items.unique", "shelf"),
    (
        "effect: read\n    parameters: {type: object, required: [card]",
        "effect: look\n    parameters: {type: object, required: [card]",
        "tools.0.effect",
        "is not one of",
    ),
    ("name: list_loans", "name: find_member", "tools.1.name", "repeats"),
    ("name: list_loans", "name: List-Loans", "tools.1.name", "does not match"),
    ("description: The loans of a member.", "description: Loans", "tools.1.description", "shorter"),
    ("days: {type: integer, minimum: 1", "days: {type: int, minimum: 1", "tools.4.parameters", "not a valid JSON Schema"),
    (
        "loan_id: {type: string, ref: loans}, days",
        "loan_id: {type: string, ref: debts}, days",
        "tools.4.parameters.properties.loan_id.ref",
        "debts",
    ),
    (
        "    effect: read\n    parameters: {type: object, required: [kind]",
        "    effect: read\n    confirm: true\n    parameters: {type: object, required: [kind]",
        "tools.2.confirm",
        "confirm a read",
    ),
    ("{code: is_out, when: somebody has it}", "{code: not_found, when: somebody has it}", "tools.3.errors", "twice"),
    ("{code: is_out, when: somebody has it}", "{kode: is_out}", "tools.3.errors.1", "kode"),
    ("  - id: extend\n", "  - id: next_due\n", "intents.1.id", "repeats"),
    ("call: extend_loan, args: {loan_id", "call: prolong_loan, args: {loan_id", "intents.1.gold.2.call", "prolong_loan"),
    ("call: extend_loan, args: {loan_id", "call: extend_loan, args: {loan", "intents.1.gold.2.args.loan", "not a parameter"),
    (
        "status: open}}\n      - {call: extend_loan",
        "status: open}, needs: [colour]}\n      - {call: extend_loan",
        "intents.1.gold.1.needs",
        "colour",
    ),
    ("label: {en: how many days, ko: 며칠}", "label: {en: the length, ko: 며칠}", "intents.1.knows.days.asked_as.en", "the length"),
    (
        "label: {en: how many days, ko: 며칠}",
        "label: {en: how many days from the due date, ko: 며칠}",
        "intents.1.knows.days.label.en",
        "due date",
    ),
    (
        'days: ["{days} more days, please.", "{days} days would do."]',
        'day: ["{days} more days, please.", "{days} days would do."]',
        "intents.1.phrases.en.answers",
        "knows",
    ),
    ('        adjust: ["Actually, make it {days} days.", "Hm, {days} days is better."]\n', "", "intents.1.phrases.en.adjust", "missing"),
    (
        (
            '        propose: ["I\'ll extend the {item.kind}, due {loan.due}, by {days} days.", '
            '"I\'d add {days} days to the {item.kind} loan."]\n'
        ),
        "",
        "intents.1.phrases.en.propose",
        "missing",
    ),
    ('"Done, you now have it until {extended.due}."', '"Is {extended.due} fine?"', "intents.1.phrases.en.report.0", "asks a question"),
    ('twins: {rows: "{twins}", key: due', 'twins: {rows: "{twins}", key: colour', "intents.1.twins.key", "colour"),
    ("        hides: [tag]", "        hides: [colour]", "intents.2.variations.preference.hides", "colour"),
    ("    breaks: 5", "    breaks: 9", "intents.4.breaks", "no policy rule"),
    ("    breaks: 5", "    breaks: 6", "policy.5.refuse", "missing"),
    ('tells: [{fact: "{extended.due}", as: date}]', 'tells: [{fact: "soon", as: date}]', "intents.1.tells.0.fact", "no hole"),
    ('tells: [{fact: "{extended.due}", as: date}]', 'tells: [{fact: "{extended.due}", as: day}]', "intents.1.tells.0.as", "is not one of"),
    ('"The job\'s taking longer than I thought.", ', "", "intents.1.phrases.en.opening", "less than 6"),
    ('wants: {en: "Pay all late fees.", ko: 연체료 모두 내기.}', "wants: Pay all late fees.", "intents.3.wants", "not of type"),
    ("    complexity: 1\n    expect: refuse", "    complexity: 1\n    expect: deny", "intents.4.expect", "is not one of"),
]


@pytest.mark.parametrize(("old", "new", "place", "problem"), CASES, ids=[f"{i:02d}-{c[2]}" for i, c in enumerate(CASES)])
def test_a_malformed_pack_names_place_and_remedy(old: str, new: str, place: str, problem: str) -> None:
    text = tool_shed_text()
    if 'wants: {en: "Pay' in old:
        old = text[text.index('wants: {en: "Pay all') : text.index("\n", text.index('wants: {en: "Pay all'))]
    assert old in text, "the case no longer matches the pack"
    with pytest.raises(PackError) as error:
        parse_pack(text.replace(old, new, 1))
    matching = [f for f in error.value.findings if (f.place + "." + f.problem).startswith(place) and problem in f.place + f.problem]
    assert matching, error.value.findings
    assert matching[0].remedy
    assert matching[0].line > 0


def test_a_sound_pack_has_a_digest_that_formatting_does_not_change() -> None:
    pack = parse_pack(tool_shed_text())
    again = parse_pack(tool_shed_text().replace("complexity: 2\ncaller", "complexity:   2   # calm\ncaller", 1))
    assert pack.digest == again.digest
    assert parse_pack(tool_shed_text().replace("rows: 40", "rows: 41", 1)).digest != pack.digest


@pytest.mark.parametrize("entry", ["  - name: a\n", "  - {}\n", "  - [x, x, x]\n"], ids=range(3))
def test_a_text_of_very_many_wrong_entries_is_answered_in_time(entry: str) -> None:
    for number in (4_000, 1_900_000 // len(entry)):
        begun = monotonic()
        with pytest.raises(PackError) as error:
            parse_pack("tools:\n" + entry * number)
        assert len(error.value.findings) <= 200
        assert monotonic() - begun < 20


SIMULATED = [
    ("    kind: simulated\n    effect: read", "    effect: read", "tools.7", "search_manuals has no program"),
    ("    kind: simulated\n    effect: read", "    kind: magic\n    effect: read", "tools.7.kind", "magic"),
    ("    reads: [manuals]\n", "    reads: [books]\n", "tools.7.reads", "books"),
    ("    reads: [manuals]\n", "    reads: [manuals]\n    writes: [manuals]\n", "tools.7.writes", "is a read"),
    ("    writes: [loans]\n", "", "tools.8", "writes, but no table"),
    ("    writes: [loans]\n", "    writes: [loans]\n    program: |\n      def run(args): return {}\n", "tools.8.program", "has a program"),
    ("when: no manual fits the words, ", "", "tools.7.errors.0", "lacks when or example"),
    ("returns: {type: array, maxItems: 5, items", "returns: {items", "tools.7.returns", "has no type"),
    ("        gives: [{manual_id", "        needs: []\n        # [{manual_id", "intents.5.gold.1", "without gives"),
    ("      - call: search_manuals\n", "      - call: search_manuals\n        as: hits\n", "intents.5.gold.1.as", "is simulated"),
    ("      - call: search_manuals\n", "      - call: leave_note\n", "intents.5.gold.1", "makes a write of leave_note"),
    (
        'gold:\n      - {call: find_member, args: {card: "{member.card}"}}',
        'gold:\n      - {call: find_member, args: {card: "{member.card}"}, gives: 1}',
        "intents.5.gold.0.gives",
        "has a program that says",
    ),
    (
        "    effect: read\n    parameters: {type: object, required: [kind]",
        "    effect: read\n    reads: [items]\n    parameters: {type: object, required: [kind]",
        "tools.2.reads",
        "simulated tools only",
    ),
]


@pytest.mark.parametrize(("old", "new", "place", "words"), SIMULATED)
def test_what_simulated_tools_must_say(old: str, new: str, place: str, words: str) -> None:
    text = manual_shed_text()
    assert old in text
    with pytest.raises(PackError) as raised:
        parse_pack(text.replace(old, new, 1))
    assert any(finding.place == place and words in finding.problem for finding in raised.value.findings), raised.value

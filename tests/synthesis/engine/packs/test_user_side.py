"""Tools of the user's side in a pack: what they must say and where they may stand; and that their words work."""

import pytest

from synthesis.engine.audit.own_side import audit_own_side
from synthesis.engine.audit.report import Findings
from synthesis.engine.packs.parse import parse_pack
from tests.phone import findings_of, phone, phone_text


def test_the_starter_domain_has_both_sides() -> None:
    pack = phone()
    assert set(pack.user_tools) & set(pack.agent_tools) == set()
    assert {*pack.user_tools, *pack.agent_tools} == set(pack.tools)
    assert {tool.requestor for tool in pack.user_tools.values()} == {"user"}


LOOK = "Could you look at the status bar of your phone and tell me what it shows?"
NOW = "Please restart your phone now."
REPORT = "The line is registered and the phone shows {after.network:id}."
BAR = "    asked_as: {en: [status bar, top of the screen], ko: [상태 표시줄, 화면 맨 위]}\n"
RESTART = "  - name: restart_phone\n    side: user\n"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (BAR, "", "is the user's and has no asked_as"),
        (RESTART, "  - name: restart_phone\n", "is for tools of the user's side only"),
        (RESTART, RESTART + "    confirm: true\n", "nobody asks it for a yes"),
        (RESTART, RESTART + "    kind: simulated\n", "is the user's and simulated"),
        ("said: {en: \"The speed test", "when_said: {en: \"The speed test", "Additional properties"),
        ("{network} up there", "{signal} up there", "{signal} is not known there"),
        ("airplane: {\"true\": {en: \"on\", ko: 켜져}", "plane: {\"true\": {en: \"on\", ko: 켜져}", "neither a parameter nor a field"),
        ("confirm_writes: {confirm: \"*\"}", "confirm_writes: {confirm: restart_phone}", "names restart_phone, which the user calls"),
        ("before: [check_status_bar, refresh_line]", "before: [find_customer, restart_phone]", "binds restart_phone"),
        ("I get {mbps} Mbps in the speed test.", "It's fine in the speed test.", "which the user does not tell"),
        ("- {call: set_airplane_mode, args: {enabled: false}}", "- {call: set_airplane_mode}", "leaves out enabled, which a line of asks"),
        ("- {call: restart_phone}", "- {call: restart_phone, each: \"{twins}\"}", "repeats restart_phone, which the user calls"),
    ],
)  # fmt: skip
def test_mistakes_are_named(old: str, new: str, problem: str) -> None:
    text = phone_text()
    assert old in text
    assert any(problem in finding.problem for finding in findings_of(text.replace(old, new, 1))), findings_of(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (LOOK, "The status bar is at the top.", "is not taken for a request"),
        (NOW, "Please restart your phone with airplane mode off.", "is taken for a request for set_airplane_mode"),
        (NOW, "Could you restart the phone of that line?", "also asks for number"),
        ("It's back after the reboot.", "That went well.", "does not show what it is about"),
        (REPORT, "Please check the status bar now and then.", "is taken for a request"),
    ],
)  # fmt: skip
def test_words_that_would_be_misread_are_found(old: str, new: str, problem: str) -> None:
    assert old in phone_text()
    findings = Findings()
    audit_own_side(parse_pack(phone_text().replace(old, new, 1)), findings)
    assert any(problem in finding.problem for finding in findings.found), findings.found

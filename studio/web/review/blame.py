"""Whose fault, by what mistake, how bad: the judges' table (``judging.engine``) in words, for people who say it themselves."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from judging.engine.attribution import PARTIES, SEVERITIES
from judging.engine.checks.registry import TAGS

PARTY_WORDS: dict[str, str | Promise] = {
    "agent": _("the agent"),
    "user": _("the user"),
    "tool": _("a tool"),
    "scenario": _("the scenario"),
    "infrastructure": _("the studio itself"),
    "judge": _("the judge"),
}
SEVERITY_WORDS: dict[str, str | Promise] = {
    "critical": _("critical: the outcome is wrong"),
    "major": _("major: right only by luck"),
    "minor": _("minor: clumsy"),
}
TAG_WORDS: dict[str, str | Promise] = {
    "broken_log": _("the log is not whole"),
    "unfinished": _("no proper end"),
    "not_reproducible": _("a replay gives something else"),
    "wrong_state": _("the records are not as they should be"),
    "missing_call": _("a call is missing"),
    "wrong_order": _("calls in the wrong order"),
    "untold_fact": _("something was not told"),
    "not_refused": _("not refused"),
    "wrong_tool": _("the wrong tool"),
    "malformed_argument": _("an argument that does not fit"),
    "wrong_argument": _("a wrong value in an argument"),
    "wrong_record": _("the wrong record"),
    "invented_id": _("an invented id"),
    "repeated_call": _("a call repeated for nothing"),
    "missed_transfer": _("a colleague not called in"),
    "wrong_colleague": _("the wrong colleague called in"),
    "needless_transfer": _("a colleague called in for nothing"),
    "needless_call": _("a call for nothing"),
    "policy_broken": _("the policy was broken"),
    "unconfirmed_write": _("changed without a yes"),
    "ignored_error": _("an error was passed over"),
    "invented_claim": _("something was made up"),
    "revealed_early": _("told before it was asked"),
    "invented": _("the user made something up"),
    "left_early": _("left too early"),
    "not_done": _("the user did not do what it was asked to"),
    "many_calls": _("more calls than needed"),
    "retry_storm": _("tried again and again"),
    "many_questions": _("asked piece by piece"),
    "asked_again": _("asked for what was known"),
    "raw_text": _("not fit to read"),
    "wrong_language": _("the wrong language"),
    "empty_message": _("an empty message"),
    "other": _("something else"),
}


class Choices(NamedTuple):
    """What can be chosen, as (value, words)."""

    parties: list[tuple[str, str | Promise]]
    tags: list[tuple[str, str | Promise]]
    severities: list[tuple[str, str | Promise]]


def choices() -> Choices:
    """All there is; who is blamed most comes first."""
    return Choices(
        [(party, PARTY_WORDS[party]) for party in reversed(PARTIES)],
        [(tag, TAG_WORDS[tag]) for tag in TAGS],
        [(severity, SEVERITY_WORDS[severity]) for severity in SEVERITIES],
    )


def words_of(party: str, tag: str, severity: str) -> str:
    """Who, by what, how bad, in one phrase; of judges' tables that a person has no word for, the tag itself."""
    parts = [PARTY_WORDS.get(party, party), TAG_WORDS.get(tag, tag), SEVERITY_WORDS.get(severity, severity)]
    return ", ".join(str(part) for part in parts if part)

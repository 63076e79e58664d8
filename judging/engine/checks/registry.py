"""All checks, in the order in which a reader wants them: the log, the outcome, the calls, the conduct, the user, the manner.

To add one: write the function beside its kind, name it here with its question, party, tag and severity, and name it in a criterion of the
rubric.
"""

from judging.engine.case import Case
from judging.engine.checks import calls, conduct, log, manner, outcome, team, user
from judging.engine.checks.check import Check, CheckResult

CHECKS: dict[str, Check] = {
    check.id: check
    for check in (
        Check("well_formed", "Is the log whole?", "infrastructure", "broken_log", "critical", log.well_formed),
        Check("ended_properly", "Did the episode come to a proper end?", "agent", "unfinished", "critical", log.ended_properly),
        Check("replays", "Does a replay give the same?", "tool", "not_reproducible", "critical", log.replays),
        Check("final_state", "Is the world as it should be in the end?", "agent", "wrong_state", "critical", outcome.final_state),
        Check("required_calls", "Was every call made that the task needs?", "agent", "missing_call", "major", outcome.required_calls),
        Check("call_order", "Did calls come after those they depend on?", "agent", "wrong_order", "major", outcome.call_order),
        Check("facts_told", "Was the user told what was asked for?", "agent", "untold_fact", "critical", outcome.facts_told),
        Check("refused", "Did the agent say no where no is right?", "agent", "not_refused", "critical", outcome.refused),
        Check("forbidden_calls", "Were only the right tools called?", "agent", "wrong_tool", "critical", calls.forbidden_calls),
        Check("arguments_fit", "Do arguments fit their schema?", "agent", "malformed_argument", "major", calls.arguments_fit),
        Check("arguments_right", "Are values in arguments the right ones?", "agent", "wrong_argument", "critical", calls.arguments_right),
        Check("records_right", "Are calls about the right records?", "agent", "wrong_record", "critical", calls.records_right),
        Check("ids_seen", "Had the agent seen the ids it used?", "agent", "invented_id", "critical", calls.ids_seen),
        Check("no_repeats", "Was no call repeated without a reason?", "agent", "repeated_call", "major", calls.no_repeats),
        Check("needless_calls", "Was no call made for nothing?", "agent", "needless_call", "major", calls.needless_calls),
        Check("transfers_made", "Did the colleague get it whose it was?", "agent", "missed_transfer", "critical", team.transfers_made),
        Check("right_colleague", "Did the right colleague get it?", "agent", "wrong_colleague", "major", team.right_colleague),
        Check("transfers_needed", "Was it handed over only when needed?", "agent", "needless_transfer", "major", team.transfers_needed),
        Check("policy_kept", "Was the policy kept?", "agent", "policy_broken", "critical", conduct.policy_kept),
        Check(
            "writes_confirmed", "Did the user say yes before changes?", "agent", "unconfirmed_write", "critical", conduct.writes_confirmed
        ),
        Check("errors_heeded", "Were errors dealt with?", "agent", "ignored_error", "critical", conduct.errors_heeded),
        Check("grounded", "Has everything that was said a source?", "agent", "invented_claim", "critical", conduct.grounded),
        Check(
            "reveals_when_asked",
            "Did the user tell withheld facts only when asked?",
            "user",
            "revealed_early",
            "major",
            user.reveals_when_asked,
        ),
        Check("invents_nothing", "Did the user keep to facts of its script?", "user", "invented", "major", user.invents_nothing),
        Check("does_as_asked", "Did the user do what it was asked to?", "user", "not_done", "major", user.does_as_asked),
        Check("stays_to_the_end", "Did the user stay until it was answered?", "user", "left_early", "major", user.stays_to_the_end),
        Check("call_count", "How many of the calls were needed?", "agent", "many_calls", "minor", manner.call_count),
        Check("no_retry_storm", "Did the agent stop retrying in time?", "agent", "retry_storm", "minor", manner.no_retry_storm),
        Check("question_count", "Were facts asked for together?", "agent", "many_questions", "minor", manner.question_count),
        Check("asks_once", "Did the agent ask only for what it had not been told?", "agent", "asked_again", "minor", manner.asks_once),
        Check("speaks_plainly", "Is what the agent says fit to read?", "agent", "raw_text", "major", manner.speaks_plainly),
        Check("keeps_language", "Did the agent answer in the user's language?", "agent", "wrong_language", "major", manner.keeps_language),
        Check("says_something", "Has every message something to say?", "agent", "empty_message", "major", manner.says_something),
    )
}

TAGS = tuple(dict.fromkeys([*(check.tag for check in CHECKS.values()), "other"]))
"""Mistakes that have a name, for people who name one; ``other`` for those that have none."""


def run_checks(case: Case) -> list[CheckResult]:
    """Ask every check of ``case``, in the registry's order."""
    return [check.run(case) for check in CHECKS.values()]

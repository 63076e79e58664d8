"""Which checks name the reason of which slip. Used to measure the checks against the truth, never while judging."""

from collections.abc import Iterable

from judging.engine.checks.check import CheckResult

REASONS: dict[str, frozenset[str]] = {
    "wrong_argument": frozenset({"arguments_right", "arguments_fit", "records_right", "ids_seen"}),
    "wrong_record": frozenset({"records_right", "ids_seen", "arguments_right"}),
    "skipped_step": frozenset({"required_calls", "call_order", "ids_seen"}),
    "unconfirmed_write": frozenset({"writes_confirmed"}),
    "premature_end": frozenset({"required_calls", "facts_told", "final_state", "refused"}),
    "invented_result": frozenset({"grounded", "facts_told"}),
    "ignored_error": frozenset({"errors_heeded"}),
    "policy_broken": frozenset({"policy_kept", "forbidden_calls", "refused", "writes_confirmed"}),
    "needless_call": frozenset({"needless_calls", "no_repeats", "forbidden_calls"}),
}
"""By kind of slip (``participants.cast.SLIPS``): the checks of which at least one must be broken."""


def caught(slip: str, results: Iterable[CheckResult]) -> bool:
    """Whether a check that names the slip's reason is broken."""
    return any(result.failed and result.id in REASONS[slip] for result in results)

"""Checks of the log itself: is it whole, did the episode end as it should, does a replay give the same."""

from judging.engine.case import Case
from judging.engine.checks.check import Verdict, broken, held, listed

_ENDS = {
    "max_turns": ("agent", "endless_talk"),
    "max_calls": ("agent", "endless_calls"),
    "wall_time": ("infrastructure", "too_slow"),
    "max_tokens": ("agent", "endless_talk"),
    "max_cost": ("agent", "endless_talk"),
    "budget": ("infrastructure", "budget"),
    "error": ("infrastructure", "crash"),
    "poison": ("infrastructure", "poison"),
    "cancelled": ("infrastructure", "cancelled"),
}


def well_formed(case: Case) -> Verdict:
    """Event numbers are dense, every call has one result, nothing follows the end."""
    problems = case.trajectory.problems
    return broken(listed(problems), [case.end]) if problems else held()


def ended_properly(case: Case) -> Verdict:
    """The user or the agent ended it, with the last word said."""
    reason = case.trajectory.reason
    if reason in ("user_done", "agent_done"):
        return held(reason)
    party, tag = _ENDS.get(reason or "", ("infrastructure", "unfinished"))
    return broken(f"ended by {reason or 'nothing'}", [case.end], party=party, tag=tag)  # type: ignore[arg-type]


def replays(case: Case) -> Verdict:
    """Replayed in a fresh world, every call gives what the log says and the final digest is the recorded one.

    What a model answered in a program's place cannot be asked again: its result is taken from the log, and its changes must fit the world.
    """
    seqs = {call.id: call.result_seq or call.seq for call in case.trajectory.all_calls}
    changed = [call.id for call in case.verification.calls if not call.same]
    if changed:
        return broken(f"the replay of {listed(changed)} differs", [seqs[call] for call in changed])
    crashed = [call for call in case.verification.calls if call.crash]
    if crashed:
        return broken(f"a policy check crashed: {crashed[0].crash}", [seqs[call.id] for call in crashed], tag="check_crashed")
    recorded = case.trajectory.digest
    if recorded and case.trajectory.all_calls and recorded != case.verification.digest:
        return broken("the final state's digest differs from the replay's", [case.end])
    simulated = [call.id for call in case.verification.calls if call.simulated]
    if simulated:
        return held(f"{len(simulated)} of {len(case.verification.calls)} calls were answered by a simulator: taken from the log")
    return held()

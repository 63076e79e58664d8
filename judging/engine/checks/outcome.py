"""Checks of what was achieved: the final state, the gold calls, the facts told, the refusal made."""

from typing import Any

from judging.engine.case import Case
from judging.engine.checks.asking import passed_over
from judging.engine.checks.check import Verdict, broken, held, listed
from judging.engine.gold import Matched, template_names, told_value
from synthesis.engine.episode.trajectory import Call
from synthesis.engine.language.reading import refuses
from synthesis.engine.language.values import mentions
from synthesis.engine.scenarios.scenario import Tell


def final_state(case: Case) -> Verdict:
    """The net change of the world is the expected one, neither less nor more."""
    if case.verification.matches:
        return held()
    writes = [call.result_seq or call.seq for call in case.trajectory.all_calls if call.wrote]
    tag = None if writes else "nothing_done"
    return broken(listed(case.verification.differences) or "the final state differs", writes or [case.end], tag=tag)


def required_calls(case: Case) -> Verdict | None:
    """Every gold call was made, and the user was brought to make every one of its side; ``value`` is the process credit. What the user was
    asked for and passed over is the user's fault (``does_as_asked``)."""
    if not any(matched.required for matched in case.gold.steps):
        return None
    missing = [m for m in case.gold.missing if not (case.scenario.wishes[m.wish].refusal and m.step.effect == "write")]
    missing = [m for m in missing if m.step.side == "agent" or passed_over(case, m) is None]
    if not missing:
        return held(value=case.gold.credit)
    called = [m.step.tool for m in missing if m.step.side == "agent"]
    unasked = [m.step.tool for m in missing if m.step.side == "user"]
    words = [("never called with what the task needs: ", called), ("the user was not asked to do what is on their side: ", unasked)]
    reason = "; ".join(lead + listed(names) for lead, names in words if names)
    return broken(reason, [_where(case, missing[0])], value=case.gold.credit, tag=None if called else "not_asked")


def _where(case: Case, missing: Matched) -> int:
    """Where the missing call should have been: the first agent message after the last matched step before it."""
    before = [m.call.seq for m in case.gold.steps if m.call and (m.wish, m.position) < (missing.wish, missing.position)]
    start = max(before, default=-1)
    return next((message.seq for message in case.agent if message.seq > start and not message.calls), case.end)


def call_order(case: Case) -> Verdict | None:
    """Every call came after the steps that it depends on."""
    if not any(m.step.after for m in case.gold.steps):
        return None
    reached = [(matched, matched.call, group) for group in _groups(case.gold.steps) for matched in group if matched.call]
    wrong = [call for matched, call, group in reached if _too_early(matched, call, group)]
    return broken(f"{listed([c.name for c in wrong])} came before what it depends on", [c.seq for c in wrong]) if wrong else held()


def _too_early(matched: Matched, call: Call, group: list[Matched]) -> bool:
    """Whether a call came before every call that fulfils one of the steps it depends on; one that gold reuses was made for another wish."""
    if matched.step.known:
        return False
    needed = [m for m in group if m.position in matched.step.after and m.calls]
    return any(min(c.position for c in m.calls) > call.position for m in needed)


def _groups(steps: list[Matched]) -> list[list[Matched]]:
    """Steps by wish and phase: a new phase starts where positions do."""
    groups: list[list[Matched]] = []
    for matched in steps:
        if not groups or groups[-1][-1].wish != matched.wish or groups[-1][-1].position >= matched.position:
            groups.append([])
        groups[-1].append(matched)
    return groups


def facts_told(case: Case) -> Verdict | None:
    """Each fact that the task asks for was told, after the result that gives it."""
    wanted = [(index, tell) for index, wish in enumerate(case.scenario.wishes) if not wish.refusal for tell in (wish.change or wish).tells]
    if not wanted:
        return None
    untold = []
    seen = []
    for index, tell in wanted:
        value = told_value(tell.template, tell.value, case.gold.scopes[index])
        place = _told_at(case, index, tell, value)
        seen += [place] if place is not None else []
        untold += [f"{tell.kind} {value}"] if place is None else []
    if not untold:
        return held(evidence=seen)
    last = case.agent[-1].seq if case.agent else case.end
    return broken(f"never told: {listed(untold)}", [last], value=1 - len(untold) / len(wanted))


def _told_at(case: Case, wish: int, tell: Tell, value: Any) -> int | None:
    names = template_names(tell.template)
    if names & {m.step.name for m in case.gold.missing if m.wish == wish}:
        return None
    sources = [case.gold.sources[wish].get(name) for name in names]
    ready = max((call.result_seq or call.seq for call in sources if call), default=_first_result(case, wish))
    until = _next_topic(case, wish)
    return next((m.seq for m in case.agent if ready < m.seq <= until and mentions(m.text, value, tell.kind)), None)


def _next_topic(case: Case, wish: int) -> float:
    """The event at which the next wish is taken up, after this one's last result and after the user spoke again.

    A value said later than that tells nothing about this wish.
    """
    done = max((m.call.result_seq or m.call.seq for m in case.gold.steps if m.wish == wish and m.call), default=-1)
    spoken = next((message.seq for message in case.user if message.seq > done), None)
    if case.scenario.at_once or spoken is None:
        return float("inf")
    return min((m.call.seq for m in case.gold.steps if m.wish == wish + 1 and m.call and m.call.seq > spoken), default=float("inf"))


def _first_result(case: Case, wish: int) -> int:
    """A fact that is no gold result of its own must be told after something was looked up for its wish."""
    results = [m.call.result_seq or m.call.seq for m in case.gold.steps if m.wish == wish and m.call]
    return min(results, default=-1)


def refused(case: Case) -> Verdict | None:
    """Where the right answer is no, the agent said so in words, and its last word did not take it back."""
    refusals = [wish.refusal for wish in case.scenario.wishes if wish.refusal]
    if not refusals:
        return None
    noes = [message.seq for message in case.agent if refuses(message.text)]
    if not noes:
        return broken("the agent never said no", [case.agent[-1].seq if case.agent else case.end])
    blocked = {refusal.blocked_tool for refusal in refusals if refusal.blocked_tool}
    tried = [call.seq for call in case.trajectory.calls if call.name in blocked]
    return broken("the agent refused and did it all the same", tried) if tried else held(evidence=noes)

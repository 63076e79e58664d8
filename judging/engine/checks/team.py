"""Checks of a team: was the conversation handed over when it had to be, to whom it had to be, and never for nothing."""

from judging.engine.case import Case
from judging.engine.checks.check import Verdict, broken, held, listed
from judging.engine.gold import Matched
from synthesis.engine.episode.trajectory import Call
from synthesis.engine.participants.team import Team


def _accepted(case: Case) -> list[Call]:
    return [call for call in case.trajectory.transfers if call.outcome and call.outcome.ok]


def _ends(call: Call) -> tuple[str, str]:
    handoff = (call.outcome.handoff if call.outcome else None) or {}
    return str(handoff.get("from", "")), str(handoff.get("to", ""))


def _open(case: Case, at: int) -> list[Matched]:
    """Required steps of the agent's that nothing had fulfilled when event ``at`` was written."""
    return [m for m in case.gold.steps if m.required and m.step.side == "agent" and (m.call is None or m.call.seq > at)]


def _able(case: Case, team: Team, slug: str, step: Matched) -> bool:
    return case.offered_as(step) in team.member(slug).tools


def transfers_needed(case: Case) -> Verdict | None:
    """Every transfer was for a step that the one who made it could not take, or led to a call that it could not make."""
    team = case.team
    if team is None or not case.trajectory.transfers:
        return None
    accepted = _accepted(case)
    needless = [call for call in accepted if not _was_needed(case, team, call)]
    refused = [call for call in case.trajectory.transfers if call not in accepted]
    wrong = sorted([*needless, *refused], key=lambda call: call.seq)
    if not wrong:
        return held(evidence=[call.seq for call in accepted])
    return broken("handed over for nothing: " + listed([f"{a} to {b}" for a, b in map(_ends, wrong)]), [call.seq for call in wrong])


def _was_needed(case: Case, team: Team, call: Call) -> bool:
    giver, _ = _ends(call)
    if any(not _able(case, team, giver, step) for step in _open(case, call.seq)):
        return True
    later = [other.seq for other in _accepted(case) if other.seq > call.seq]
    until = min(later, default=case.end + 1)
    beyond = {name for name in team.offered if name not in team.member(giver).tools}
    return any(call.seq < other.seq < until and other.name in beyond and other.took_effect for other in case.trajectory.calls)


def right_colleague(case: Case) -> Verdict | None:
    """Whoever got the conversation could take a step that the one before could not, if anybody could."""
    team = case.team
    accepted = _accepted(case) if team else []
    if team is None or not accepted:
        return None
    wrong = []
    for call in accepted:
        giver, taker = _ends(call)
        beyond = [step for step in _open(case, call.seq) if not _able(case, team, giver, step)]
        could = any(_able(case, team, other, step) for step in beyond for other in team.members)
        if could and not any(_able(case, team, taker, step) for step in beyond):
            wrong.append(call)
    if not wrong:
        return held(evidence=[call.seq for call in accepted])
    return broken("handed over to the wrong colleague: " + listed([_ends(call)[1] for call in wrong]), [call.seq for call in wrong])


def transfers_made(case: Case) -> Verdict | None:
    """Nobody called a colleague's tool, and no step stayed undone because whoever could take it never got the conversation."""
    team = case.team
    if team is None:
        return None
    strayed = [call for call in case.trajectory.calls if call.outcome and call.outcome.handoff]
    if strayed:
        return broken("called a colleague's tool: " + listed([call.name for call in strayed]), [call.seq for call in strayed])
    present = {team.front.slug, *(_ends(call)[1] for call in _accepted(case))}
    undone = [m for m in case.gold.missing if not any(_able(case, team, slug, m) for slug in present)]
    undone = [m for m in undone if any(_able(case, team, slug, m) for slug in team.members)]
    if undone:
        last = case.agent[-1].seq if case.agent else case.end
        return broken("never handed over, though a colleague's: " + listed([m.step.tool for m in undone]), [last])
    return held()

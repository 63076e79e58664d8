"""What a scripted agent of a team does about steps that are a colleague's."""

import random

from synthesis.engine.participants.agent_phrasing import AgentPhrasing
from synthesis.engine.participants.moves import Plan
from synthesis.engine.participants.planning import Aim
from synthesis.engine.participants.team import Desk, Member
from synthesis.engine.participants.track import Track
from synthesis.engine.tools import ToolCall

SHARED = frozenset({"ask", "call", "do", "propose", "which"})
"""Aims that are about steps."""


def own_part(aim: Aim, tracks: list[Track], desk: Desk) -> Aim | None:
    """``aim`` as far as its steps are the present member's; None where they are all a colleague's."""
    if aim.kind not in SHARED or not aim.steps:
        return aim
    mine = [(w, i) for w, i in aim.steps if _is_own(tracks[w], i, desk.member)]
    if len(mine) == len(aim.steps):
        return aim
    return Aim(aim.kind, mine, aim.keys) if mine else None


def _is_own(track: Track, step: int, member: Member) -> bool:
    """Whether a step is this member's; what the user does on its own side anybody of the domain can ask for."""
    return track.offered(step) in member.tools or (track.steps[step].side == "user" and member.pack is None)


def hand_over(aim: Aim, tracks: list[Track], desk: Desk, phrasing: AgentPhrasing, rng: random.Random) -> Plan | None:
    """The transfer to whoever can go on; None where nobody has the tool, or the team has refused to pass the user on again."""
    wanted = [tracks[w].offered(i) for w, i in aim.steps]
    left = [
        tracks[w].offered(i) for w in dict.fromkeys(w for w, _ in aim.steps) for i in range(len(tracks[w].steps)) if i not in tracks[w].done
    ]
    others = [member for member in desk.team.holders(wanted[0]) if member is not desk.member]
    if not others or desk.refused:
        return None
    best = max(others, key=lambda member: _share(member, left))
    call = ToolCall(f"call_{rng.getrandbits(64):016x}", best.transfer, {"reason": f"The next step needs {wanted[0]}."})
    return Plan(phrasing.say("hand_over", rng), [call])


def _share(member: Member, left: list[str]) -> int:
    return sum(name in member.tools for name in left)

"""What becomes of an episode whose model gave no answer that counts. None of it is a crash: nobody died, and nothing is wrong with us."""

import random
from datetime import datetime, timedelta

from synthesis.engine.chat.errors import ChatError, Parked, Stopped
from synthesis.services import claims
from synthesis.services.claims import Claim
from synthesis.services.runs import run_stop

SPREAD = 0.1
"""So much longer than told, at most: those who were sent away together do not come back together."""
SHORTEST = 1.0


def unanswered(*, run_id: int, claim: Claim, error: ChatError, now: datetime) -> str:
    """Put the episode off (Parked), pause its run until a person acts (Stopped), or let it fail with a kind that names the party.

    Returns which of the three: ``put_off``, ``stopped`` or ``failed``.
    """
    if isinstance(error, Parked):
        wait = max(error.seconds, SHORTEST) * (1 + random.uniform(0, SPREAD))
        claims.put_off(episode=claim.id, epoch=claim.epoch, until=now + timedelta(seconds=wait))
        return "put_off"
    if isinstance(error, Stopped):
        claims.hand_back(episodes=[(claim.id, claim.epoch)])
        run_stop(run_id=run_id, reason=reason_of(error))
        return "stopped"
    claims.fail(episode=claim.id, epoch=claim.epoch, kind=f"{error.party or 'model'}_{error.kind}", detail=str(error))
    return "failed"


def reason_of(error: ChatError) -> dict[str, str]:
    """Why a run stands still, as it is stored."""
    return {"kind": error.kind, "party": error.party, "endpoint": error.endpoint, "detail": str(error)[:500]}

"""What is looked after every few seconds, whoever keeps the time: beat, ``manage tick``, or the serving command.

Everything that may lose a message or a worker is asked for again here, and only here.
"""

from datetime import datetime

from judging.services.pairs import pairs_settle
from studio.pipelines.advance import tick
from studio.pipelines.audits import audits_ask_again
from studio.pipelines.calibrating import calibrations_ask_again
from studio.pipelines.canary_rounds import rounds_ask_again
from studio.pipelines.endpoints import checks_ask_again
from studio.pipelines.evolving import evolutions_ask_again
from studio.pipelines.exports import exports_ask_again
from studio.pipelines.fidelity import fidelity_ask_again
from studio.pipelines.rejudging import rejudgings_ask_again
from studio.pipelines.reviewing import review_tick
from studio.pipelines.rubric_trials import trials_ask_again
from synthesis.services.watches import watches_clear


def heartbeat(*, now: datetime, workers_elsewhere: bool = True) -> list[int]:
    """Look after runs, review queues and what waits for workers. Returns the runs looked after.

    ``workers_elsewhere`` False: the serving command plays runs, writes exports, audits drafts and evolves itself.
    """
    looked_after = tick(workers_elsewhere=workers_elsewhere)
    if workers_elsewhere:
        exports_ask_again(now=now)
        audits_ask_again(now=now)
        calibrations_ask_again(now=now)
        rounds_ask_again(now=now)
        fidelity_ask_again(now=now)
        evolutions_ask_again(now=now)
        checks_ask_again(now=now)
        rejudgings_ask_again(now=now)
        trials_ask_again(now=now)
    review_tick(now=now)
    pairs_settle()
    watches_clear(now=now)
    return looked_after

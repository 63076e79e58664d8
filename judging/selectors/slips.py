"""How well the checks find slips: what was judged against what we know. Read after judging, never by a judge."""

import msgspec

from judging.engine.slips import REASONS
from judging.models import Judgement
from synthesis.models import EpisodeTruth, Run


class SlipReport(msgspec.Struct):
    """``made`` and ``caught`` count slips by kind; ``missed`` are indexes of slipped episodes that no check of their reason found,
    ``false_alarms`` indexes of unslipped episodes that failed, each with why."""

    made: dict[str, int]
    caught: dict[str, int]
    missed: dict[int, str]
    false_alarms: dict[int, str]

    @property
    def agrees(self) -> bool:
        """Whether every slip was found for its reason and nothing else failed."""
        return not self.missed and not self.false_alarms


def slip_report(*, run: Run) -> SlipReport:
    """Compare the deciding judgements of a run with the truth about its slips."""
    report = SlipReport({}, {}, {}, {})
    truth = EpisodeTruth.objects.filter(episode__run=run, slip__isnull=False).values_list("episode_id", "slip")
    slips = {episode: str(slip["kind"]) for episode, slip in truth if slip}
    rows = Judgement.objects.filter(episode__run=run, decides=True).order_by("episode__index")
    columns = rows.values_list("episode__index", "episode_id", "passed", "checks", "failed_check", "reason", "error")
    for index, episode, passed, checks, check, reason, error in columns.iterator(chunk_size=500):
        kind = slips.get(episode)
        why = error or f"{check}: {reason}"
        if kind is None:
            if not passed:
                report.false_alarms[index] = why
            continue
        report.made[kind] = report.made.get(kind, 0) + 1
        if any(checks.get(name) == 0 for name in REASONS[kind]):
            report.caught[kind] = report.caught.get(kind, 0) + 1
        else:
            report.missed[index] = f"{kind}: " + ("passed" if passed else why)
    return report

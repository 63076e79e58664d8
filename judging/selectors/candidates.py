"""What the gates ask about the judged episodes of a run."""

from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import F

from judging.engine.filters import Candidate
from judging.models import Judgement
from synthesis.models import Run

CHUNK = 500


class JudgedCandidate(NamedTuple):
    """A candidate and the rows it came from."""

    candidate: Candidate
    episode_id: int
    judgement_id: int


def latest_judge_version(run: Run) -> str | None:
    """The judge version of the run's newest judgement, or None when nothing was judged."""
    return Judgement.objects.filter(episode__run=run).order_by("-id").values_list("judge_version", flat=True).first()


def candidates(run: Run, judge_version: str) -> Iterator[JudgedCandidate]:
    """The run's judged episodes best first: by falling overall score (none last), then by index. Streams; no trajectory is opened."""
    rows = Judgement.objects.filter(episode__run=run, judge_version=judge_version)
    rows = rows.order_by(F("overall").desc(nulls_last=True), "episode__index")
    columns = (
        "episode__index", "flaw", "passed", "party", "tag", "overall", "hard_fails", "exact_digest", "structural_digest",
        "episode_id", "id",
    )  # fmt: skip
    for row in rows.values_list(*columns).iterator(chunk_size=CHUNK):
        index, flaw, passed, party, tag, overall, hard, exact, structural, episode, judgement = row
        failure = "" if passed else f"{party}: {tag}"
        yield JudgedCandidate(Candidate(index, flaw, passed, failure, overall, hard, exact, structural), episode, judgement)

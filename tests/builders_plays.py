"""A run whose scenarios were played several times, judged by hand."""

from collections.abc import Sequence
from typing import Any

from judging.models import Judgement
from judging.services import rubric_install, starter_rubric
from synthesis.models import Episode, EpisodeStatus, ModelEndpoint, Run
from tests.builders_runs import a_run, install, queued


def an_endpoint(slug: str = "kimi") -> ModelEndpoint:
    """An endpoint that may play the agent."""
    return ModelEndpoint.objects.create(slug=slug, base_url="http://127.0.0.1/v1", model="m", provider="other", purposes=["agent"])


def judge_plays(run: Run, results: Sequence[bool | None], **fields: Any) -> None:
    """Judge the episodes of the run in order of index: solved, or not, or None for a failure of the studio's own."""
    rubric = rubric_install(rubric=starter_rubric())
    for episode, passed in zip(Episode.objects.filter(run=run).order_by("index"), results, strict=True):
        blame = {} if passed else {"party": "infrastructure" if passed is None else "agent", "tag": "wrong_argument"}
        Judgement.objects.create(
            episode=episode, judge_version="j" * 64, decides=True, rubric_version=rubric, overall=5.0 if passed else 1.0,
            passed=bool(passed), process_credit=1.0, exact_digest=f"{episode.pk:064x}", structural_digest=f"{episode.pk:064x}",
            **{**blame, **fields},
        )  # fmt: skip
    Episode.objects.filter(run=run).update(status=EpisodeStatus.JUDGED)


def judged_plays() -> Run:
    """Two scenarios, each played twice by a model and twice by a script: the model solves the first now and then, the second never."""
    install()
    an_endpoint()
    run = a_run(8, plays=2, rivals=["model:kimi"])
    queued(run)
    judge_plays(run, [True, False, True, True, False, False, None, True])
    return run

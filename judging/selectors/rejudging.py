"""Judging again: what is chosen, what waits, and how the new judgements compare with those that decide."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Avg, OuterRef, Q, QuerySet, Subquery, Sum, TextField
from django.db.models.functions import Cast, Length

from judging.engine.judges.spec import spec_of
from judging.models import CriterionScore, DatasetVersion, Judgement, JudgeVersion, Rejudging, RejudgingStatus
from judging.selectors.overview import run_slug
from synthesis.models import Episode, Event, Run
from synthesis.selectors.jobs import due, jobs_lost

FLIPS = ("passed", "failed", "error")
SHOWN = 100
"""Episodes that changed sides and are listed."""


class Side(NamedTuple):
    """One side of a comparison: mean overall score (None without any), how many passed."""

    mean: float | None
    passed: int


class CriterionShift(NamedTuple):
    """The mean of one criterion before and after, over the episodes where both answered it."""

    criterion: str
    before: float | None
    after: float | None


class Flip(NamedTuple):
    """An episode about which the two judges disagree. ``number`` is its index in the run."""

    episode: int
    number: int
    before: float | None
    after: float | None
    passed_before: bool
    passed_after: bool


class Compared(NamedTuple):
    """What decided (or decided before it was adopted) beside what the new judge found, about the same ``episodes``.

    ``matrix`` counts episodes by (before, after), each ``passed``, ``failed`` or ``error``.
    """

    episodes: int
    before: Side
    after: Side
    matrix: dict[tuple[str, str], int]
    criteria: list[CriterionShift]
    flips: list[Flip]


def chosen(run_id: int, filters: Mapping[str, str]) -> QuerySet[Episode]:
    """The judged episodes of a run that ``filters`` choose: ``verdict`` (passed, failed), ``domain``, ``variation``."""
    rows = Episode.objects.filter(run_id=run_id, status="judged")
    for name in ("domain", "variation"):
        if filters.get(name):
            rows = rows.filter(**{name: filters[name]})
    if filters.get("verdict"):
        rows = rows.filter(judgements__decides=True, judgements__passed=filters["verdict"] == "passed")
    return rows


def next_episodes(job: Rejudging, limit: int) -> list[Episode]:
    """The next episodes of it, in order of index, with their scenarios."""
    rows = chosen(job.run_id, job.filters).filter(index__gt=job.after)
    return list(rows.select_related("scenario").order_by("index")[:limit])


def judged_already(episode_ids: Collection[int], judges: Collection[str]) -> set[tuple[int, str]]:
    """Which of the episodes which of these judges (by version) has judged, other than with an error."""
    rows = Judgement.objects.filter(episode_id__in=episode_ids, judge_version__in=judges, error="")
    return set(rows.values_list("episode_id", "judge_version"))


def found_by(job: Rejudging) -> Q:
    """The judgements that it asked for: of each episode that of the judge under the rubric which the episode is to answer."""
    spec, known = spec_of(job.spec), job.judge_versions

    def by(rubrics: Collection[str]) -> Q:
        return Q(judge_version__in=[known[rubric] for rubric in rubrics if rubric in known])

    found = ~Q(episode__scenario__in=list(spec.scenarios)) & ~Q(episode__domain__in=list(spec.domains)) & by([spec.rubric])
    for rubric in spec.rubrics:
        scenarios = [digest for digest, wanted in spec.scenarios.items() if wanted == rubric]
        domains = [slug for slug, wanted in spec.domains.items() if wanted == rubric]
        found |= Q(episode__scenario__in=scenarios) & by([rubric])
        found |= ~Q(episode__scenario__in=list(spec.scenarios)) & Q(episode__domain__in=domains) & by([rubric])
    return Q(episode__run=job.run_id) & found


def rejudging_get(rejudging_id: int) -> Rejudging | None:
    """One of them, with its run and rubric."""
    return Rejudging.objects.select_related("run", "rubric_version__rubric").filter(pk=rejudging_id).first()


def rejudgings(*, run: int | None = None, after: int | None = None, limit: int = 50) -> Sequence[Rejudging]:
    """Newest first, of one run or of all."""
    rows = Rejudging.objects.select_related("rubric_version__rubric").defer("rubric_version__body")
    rows = rows if run is None else rows.filter(run_id=run)
    return list((rows if after is None else rows.filter(pk__lt=after)).order_by("-pk")[:limit])


def rejudgings_lost(*, now: datetime, asked_before: datetime) -> list[int]:
    """Those that nobody works at although a worker was asked for before ``asked_before`` and their moment has come, oldest first."""
    return jobs_lost(Rejudging.objects.filter(due(now)), working=RejudgingStatus.WORKING, now=now, asked_before=asked_before)


def has_dataset(run: Run) -> bool:
    """Whether the run left a dataset behind by itself."""
    return DatasetVersion.objects.filter(dataset__slug=run_slug(run.pk)).exists()


def past_costs(kind: str, endpoints: Sequence[str], limit: int = 200) -> list[int]:
    """What the newest judgements by judges that asked exactly these endpoints cost each, in millionths."""
    wanted = sorted(endpoints)
    judges = [j.version for j in JudgeVersion.objects.filter(kind=kind) if sorted(j.identity.get("endpoints", [])) == wanted]
    rows = Judgement.objects.filter(judge_version__in=judges, cost__gt=0).order_by("-pk")
    return list(rows.values_list("cost", flat=True)[:limit])


def mean_length(run_id: int, filters: Mapping[str, str], sample: int = 12) -> float:
    """Mean characters of the logs of some chosen episodes, as they are stored; 0 without any."""
    return mean_length_of(list(chosen(run_id, filters).order_by("seed").values_list("pk", flat=True)[:sample]))


def mean_length_of(some: Sequence[int]) -> float:
    """Mean characters of the logs of these episodes, as they are stored; 0 without any."""
    if not some:
        return 0.0
    counted = Event.objects.filter(episode_id__in=some).aggregate(n=Sum(Length(Cast("payload", TextField()))))
    return float(counted["n"] or 0) / len(some)


def compared(job: Rejudging, without: Collection[int] = ()) -> Compared:
    """The two sides, but of the episodes ``without``. Four queries, whatever their number."""
    new = Judgement.objects.filter(found_by(job)).exclude(episode_id__in=without)
    old = _old(job, new)
    columns = {name: Subquery(old.values(name)[:1]) for name in ("overall", "passed", "error")}
    both: Any = new.annotate(**{f"old_{name}": column for name, column in columns.items()})
    pairs = both.exclude(old_passed=None)
    rows = pairs.values_list("episode_id", "episode__index", "old_overall", "old_passed", "old_error", "overall", "passed", "error")
    matrix: dict[tuple[str, str], int] = {}
    flips: list[Flip] = []
    scores: tuple[list[float], list[float]] = ([], [])
    good = [0, 0]
    count = 0
    for episode, index, before, was_passed, was_error, after, is_passed, is_error in rows.order_by("episode__index"):
        count += 1
        was, now = _word(was_passed, was_error), _word(is_passed, is_error)
        matrix[was, now] = matrix.get((was, now), 0) + 1
        good[0] += was == "passed"
        good[1] += now == "passed"
        for values, value in zip(scores, (before, after), strict=True):
            if value is not None:
                values.append(value)
        if was != now and len(flips) < SHOWN:
            flips.append(Flip(episode, index, before, after, was == "passed", now == "passed"))
    sides = [Side(sum(values) / len(values) if values else None, passed) for values, passed in zip(scores, good, strict=True)]
    return Compared(count, sides[0], sides[1], matrix, _criteria(new, job), flips)


def _old(job: Rejudging, new: QuerySet[Judgement]) -> Any:
    """The judgement that is compared with: what decided before it was adopted, else what decides."""
    others = Judgement.objects.filter(episode=OuterRef("episode")).exclude(pk=OuterRef("pk"))
    return others.filter(_before(job))


def _before(job: Rejudging) -> Q:
    return Q(replaced_by=job) if job.adopted else Q(decides=True)


def _word(passed: bool, error: str) -> str:
    return "error" if error else "passed" if passed else "failed"


def _criteria(new: QuerySet[Judgement], job: Rejudging) -> list[CriterionShift]:
    """Means of criteria by slug: of the new judgements, and of what decides (or did) about the same episodes."""

    def means(rows: Any) -> dict[str, float]:
        return dict(rows.order_by().values_list("criterion__slug").annotate(mean=Avg("value")).exclude(mean=None))

    after = means(CriterionScore.objects.filter(judgement__in=new))
    others = Judgement.objects.filter(_before(job), episode__in=new.values("episode")).exclude(pk__in=new.values("pk"))
    before = means(CriterionScore.objects.filter(judgement__in=others))
    return [CriterionShift(slug, before.get(slug), after.get(slug)) for slug in sorted(before.keys() | after.keys())]


def cells_of(run_id: int) -> tuple[list[str], list[str]]:
    """Domains and variations of the judged episodes of a run, each in order of name."""
    cells = set(Episode.objects.filter(run_id=run_id, status="judged").order_by().values_list("domain", "variation").distinct())
    return sorted({domain for domain, _ in cells}), sorted({variation for _, variation in cells})


def canary_episode(episode_id: int | None = None) -> Episode | None:
    """A judged episode to plant canaries in: the one given, else the newest that failed, else the newest; with its run and scenario."""
    rows = Episode.objects.select_related("run", "scenario").filter(status="judged").order_by("-pk")
    if episode_id is not None:
        return rows.filter(pk=episode_id).first()
    return rows.filter(judgements__decides=True, judgements__passed=False, judgements__party="agent").first() or rows.first()

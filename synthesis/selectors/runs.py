"""What runs are doing."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Max, Min, Q

from synthesis.models import OPEN_STATUSES, Episode, EpisodeStatus, Run, RunPart, RunStatus, Slice, SliceStatus


class Pace(NamedTuple):
    """How fast a finished run was: seconds before every move that it was told to wait, and episodes a second of one slice."""

    pace: float
    rate: float


def run_get(run_id: int) -> Run | None:
    """The run, or None."""
    return Run.objects.filter(pk=run_id).first()


def run_last() -> Run | None:
    """The newest run that is not over and no fork of one episode, or None."""
    rows = Run.objects.filter(status__in=[RunStatus.RUNNING, RunStatus.PAUSED]).exclude(options__has_key="fork")
    return rows.order_by("-pk").first()


def run_list(limit: int = 50, before: int | None = None, *, status: str = "", by: str | None = None, domain: str = "") -> list[Run]:
    """The newest runs, of those older than run ``before``. ``by`` is who started them, "" for the command line; None, and "" of the others,
    filters nothing.
    """
    rows = Run.objects.order_by("-pk")
    wanted = Q() if before is None else Q(pk__lt=before)
    if status:
        wanted &= Q(status=status)
    if by is not None:
        wanted &= Q(started_by=by)
    if domain:
        wanted &= Q(parts__release__domain__slug=domain)
    return list(rows.filter(wanted)[:limit])


def starters() -> list[str]:
    """Everybody who has started a run, by name."""
    return list(Run.objects.exclude(started_by="").order_by("started_by").values_list("started_by", flat=True).distinct())


def counts_of(run_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Episodes by status of each of these runs, in one query."""
    found = {run_id: dict.fromkeys(EpisodeStatus.values, 0) for run_id in run_ids}
    rows = Episode.objects.filter(run_id__in=run_ids).order_by().values_list("run_id", "status").annotate(n=Count("pk"))
    for run_id, status, n in rows:
        found[run_id][status] = n
    return found


def counts_by_run(runs: Sequence[Run]) -> dict[int, dict[str, int]]:
    """As ``counts_of``, but those of finished runs are known and not counted again: a list may show many large ones."""
    zero = dict.fromkeys(EpisodeStatus.values, 0)
    known = {run.pk: zero | run.counts for run in runs if run.status == RunStatus.FINISHED}
    return known | counts_of([run.pk for run in runs if run.pk not in known])


def paces_lately(limit: int = 12) -> list[Pace]:
    """How fast the newest finished runs were, as far as their slices were seen to their ends."""
    runs = list(Run.objects.filter(status=RunStatus.FINISHED).order_by("-pk").only("options")[:limit])
    rows = Slice.objects.filter(run__in=runs, played__gt=0)
    done: dict[int, tuple[int, float]] = {}
    for run_id, played, started, ended in rows.values_list("run_id", "played", "started", "ended"):
        if started and ended:
            episodes, seconds = done.get(run_id, (0, 0.0))
            done[run_id] = (episodes + played, seconds + (ended - started).total_seconds())
    sped = [(run, *done[run.pk]) for run in runs if run.pk in done]
    return [Pace(run.options.get("pace", 0.0), episodes / seconds) for run, episodes, seconds in sped if seconds > 0]


def spans_of(run_id: int, limit: int = 100) -> list[tuple[datetime, datetime]]:
    """When episodes of the run that were played to their ends began and ended."""
    rows = Episode.objects.filter(run_id=run_id, status__in=["played", "judged"]).order_by("index").values_list("started", "finished")
    return [(started, finished) for started, finished in rows[:limit] if started and finished]


def run_newest() -> Run | None:
    """The newest run that was started to make episodes, not to fork one; None when there is none."""
    return Run.objects.exclude(options__has_key="fork").order_by("-pk").first()


def runs_of(run_ids: Sequence[int]) -> list[Run]:
    """These runs, as far as they exist, newest first."""
    return list(Run.objects.filter(pk__in=run_ids).order_by("-pk"))


def episode_to_watch() -> int | None:
    """An episode worth opening: one that is being played now, else the newest that was played; None when there is none."""
    running = Episode.objects.filter(status=EpisodeStatus.PLAYING, run__status=RunStatus.RUNNING)
    ended = Episode.objects.filter(status__in=["played", "judged"])
    return running.order_by("-pk").values_list("pk", flat=True).first() or ended.order_by("-pk").values_list("pk", flat=True).first()


def run_of_slice(slice_id: int) -> Run:
    """The run of a slice. Raises Slice.DoesNotExist."""
    return Slice.objects.select_related("run").get(pk=slice_id).run


def runs_under_way() -> list[int]:
    """Ids of the runs that are running."""
    return list(Run.objects.filter(status=RunStatus.RUNNING).order_by("pk").values_list("pk", flat=True))


def run_counts(run_id: int) -> dict[str, int]:
    """Episodes of a run by status; every status is a key."""
    rows = Episode.objects.filter(run_id=run_id).order_by().values_list("status").annotate(n=Count("pk"))
    return dict.fromkeys(EpisodeStatus.values, 0) | dict(rows)


def run_open(counts: dict[str, int]) -> int:
    """How many episodes of ``counts`` still need work."""
    return sum(counts[status] for status in OPEN_STATUSES)


def run_is_over(run_id: int) -> bool:
    """Whether no episode of the run needs work any more."""
    return not Episode.objects.filter(run_id=run_id, status__in=OPEN_STATUSES).exists()


def rest_of(run_id: int, now: datetime) -> float:
    """Seconds until an episode of the run may be taken up again, while all that are open wait for their moment; 0 when some do not."""
    open_ones = Episode.objects.filter(run_id=run_id, status__in=OPEN_STATUSES)
    if open_ones.exclude(not_before__gt=now).exists():
        return 0.0
    first: datetime | None = open_ones.aggregate(first=Min("not_before"))["first"]
    return max((first - now).total_seconds(), 0.0) if first else 0.0


def queued_count(run_id: int, slice_id: int) -> int:
    """How many episodes of the run wait to be played and have their world at hand in this slice."""
    return Episode.objects.filter(run_id=run_id, status=EpisodeStatus.QUEUED, holder=slice_id).count()


def generation_left(run_id: int) -> bool:
    """Whether any part of the run has scenarios to generate."""
    return RunPart.objects.filter(run_id=run_id, done=False).exists()


def release_digests(run: Run) -> list[str]:
    """Digests of every release that an episode of the run may open: the domains played and their siblings."""
    beside = {ref["release"] for refs in run.siblings.values() for ref in refs}
    return sorted({*run.releases.values(), *beside})


def slices_alive(run_id: int, now: datetime) -> int:
    """How many slices of the run are at work or asked for."""
    return Slice.objects.filter(run_id=run_id, lease_until__gte=now).exclude(status=SliceStatus.OVER).count()


def slices_at_work(run_id: int) -> list[tuple[int, str]]:
    """Slices of the run that have not said they are over: (id, worker name)."""
    return list(Slice.objects.filter(run_id=run_id, status=SliceStatus.AT_WORK).values_list("pk", "worker"))


def slices_of_worker(worker: str) -> list[int]:
    """Slices of a process that have not said they are over."""
    return list(Slice.objects.filter(worker=worker, status=SliceStatus.AT_WORK).values_list("pk", flat=True))


def last_slice_started() -> datetime | None:
    """When the newest slice started: its age is the health of the workers."""
    newest: datetime | None = Slice.objects.aggregate(newest=Max("started"))["newest"]
    return newest

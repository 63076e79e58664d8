"""What became of a run's episodes, step by step, with the reasons at each drop."""

from typing import Any

from django.db.models import Count, Q

from judging.models import DatasetRow, DatasetVersion, Judgement
from synthesis.models import Episode, Run

STEPS: tuple[str, ...] = ("planned", "generated", "played", "checks_passed", "judged", "kept")


def funnel(*, run: Run, version: DatasetVersion | None = None) -> dict[str, Any]:
    """``{planned, generated, played, checks_passed, judged, kept, dropped: {step: {reason: count}}}``; ``kept`` is null without a dataset
    version.

    ``judged`` counts episodes that passed their checks and got a score; ``dropped`` names, for each step, why episodes of the step before
    did not reach it.
    """
    counts = _made(Episode.objects.filter(run=run))
    judgements = Judgement.objects.filter(episode__run=run, decides=True)
    counts |= judgements.aggregate(
        checks_passed=Count("pk", filter=Q(passed=True)), judged=Count("pk", filter=Q(passed=True, overall__isnull=False))
    )
    counts["kept"] = version.kept if version else None
    counts["dropped"] = {
        "generated": _unfilled(run),
        "played": _by(Episode.objects.filter(run=run, scenario__isnull=False).exclude(status__in=["played", "judged"]), "status"),
        "checks_passed": {f"{party}: {tag}": n for (party, tag), n in _pairs(judgements.filter(passed=False), "party", "tag").items()},
        "judged": _by(judgements.filter(passed=True, overall__isnull=True), "error"),
        "kept": _removed(version),
    }
    return counts


def funnel_of_all() -> dict[str, Any]:
    """The same over all runs; ``kept`` are those in any version of a dataset."""
    counts: dict[str, Any] = _made(Episode.objects.all())
    deciding = Judgement.objects.filter(decides=True)
    counts |= deciding.aggregate(
        checks_passed=Count("pk", filter=Q(passed=True)), judged=Count("pk", filter=Q(passed=True, overall__isnull=False))
    )
    counts["kept"] = DatasetRow.objects.filter(gate="").values("episode_id").distinct().count()
    lost = Episode.objects.filter(status__in=["unfilled", "failed", "cancelled"])
    failed = _pairs(deciding.filter(passed=False), "party", "tag")
    counts["dropped"] = {
        "played": _by(lost, "status"),
        "checks_passed": {f"{party}: {tag}": n for (party, tag), n in failed.items()},
    }
    return counts


def _made(episodes: Any) -> dict[str, Any]:
    made: dict[str, Any] = episodes.aggregate(
        planned=Count("pk"),
        generated=Count("pk", filter=Q(scenario__isnull=False)),
        played=Count("pk", filter=Q(status__in=["played", "judged"])),
    )
    return made


def _pairs(rows: Any, *columns: str) -> dict[tuple[Any, ...], int]:
    counted = rows.order_by().values_list(*columns).annotate(n=Count("pk")).order_by("-n", *columns)
    return {tuple(row[:-1]): row[-1] for row in counted}


def _by(rows: Any, column: str) -> dict[str, int]:
    return {str(key[0]): n for key, n in _pairs(rows, column).items()}


def _unfilled(run: Run) -> dict[str, int]:
    reasons: dict[str, int] = {}
    for failure, status in Episode.objects.filter(run=run, scenario__isnull=True).values_list("failure", "status").iterator():
        reason = str((failure or {}).get("detail", status))
        reasons[reason] = reasons.get(reason, 0) + 1
    return reasons


def _removed(version: DatasetVersion | None) -> dict[str, int]:
    if version is None:
        return {}
    gates = version.counts.get("gates", {})
    return {
        f"{gate.replace('_', ' ')}: {reason}": n
        for gate, found in gates.items()
        if gate != "checks"
        for reason, n in found["reasons"].items()
    }


def kept_mix(*, version: DatasetVersion) -> dict[str, dict[str, int]]:
    """``{domains, variations}``: kept rows by domain and by variation, in order of name."""
    kept = version.rows.filter(gate="")
    return {
        name: dict(sorted(_by(kept, f"episode__{column}").items())) for name, column in (("domains", "domain"), ("variations", "variation"))
    }

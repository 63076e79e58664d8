"""What the studio tells a monitoring system: families of figures, read from the database now and then."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from judging.selectors import measures as judging
from studio import queue
from synthesis.selectors import measures as synthesis

Labels = Mapping[str, str]


class Sample(NamedTuple):
    """One figure; ``suffix`` is what a histogram's parts add to the family's name."""

    value: float
    labels: Labels = {}
    suffix: str = ""


class Family(NamedTuple):
    """Figures of one name. ``kind``: gauge, counter or histogram."""

    name: str
    kind: str
    help: str
    samples: list[Sample]


def database_families(now: datetime) -> list[Family]:
    """Everything that is the same whichever process is asked."""
    episodes = synthesis.episode_figures()
    lapsed = synthesis.slices_lapsed()
    claimed = synthesis.last_claim()
    claimed = synthesis.last_claim()
    return [
        _by("studio_runs", "status", synthesis.runs_by_status(), "Runs by status."),
        _by("studio_episodes", "status", episodes.by_status, "Episodes by status."),
        _one("studio_events_total", "counter", "Events in the logs of all episodes.", episodes.events),
        _one("studio_repeated_claims_total", "counter", "Claims of episodes after the first.", episodes.repeated_claims),
        _by("studio_slices", "status", synthesis.slices_by_status(), "Slices by status."),
        _by("studio_lease_expiries_total", "reason", lapsed, "Slices whose lease ran out: nobody took it, or its worker died.", "counter"),
        Family("studio_last_claim_age_seconds", "gauge", "Since a slice was last taken.", [Sample(_age(claimed, now))] if claimed else []),
        Family("studio_queue_age_seconds", "gauge", "How long work has waited without anybody taking it.", _waiting(now)),
        _by("studio_export_jobs", "status", judging.export_jobs_by_status(), "Asked-for exports by status."),
        _by("studio_review_slots", "state", judging.review_slots_by_state(), "Places for reviewers by state."),
        *_judge_families(),
    ]


def broker_families() -> list[Family]:
    """What the broker says: whether it answers, and what lies in its queues."""
    waiting = queue.messages_waiting()
    up = _one("studio_broker_up", "gauge", "Whether the broker answers.", float(waiting is not None))
    return [up, _by("studio_queue_messages", "queue", waiting or {}, "Messages in each queue.")]


def histogram(labels: Labels, up_to: Mapping[float, int], count: int, total: float) -> list[Sample]:
    """The parts of a histogram; ``up_to`` is cumulative."""
    edges = [Sample(number, {**labels, "le": f"{edge:g}"}, "_bucket") for edge, number in up_to.items()]
    return [*edges, Sample(count, {**labels, "le": "+Inf"}, "_bucket"), Sample(total, labels, "_sum"), Sample(count, labels, "_count")]


def _judge_families() -> list[Family]:
    outcomes: list[Sample] = []
    scores: list[Sample] = []
    for found in judging.judge_figures():
        for outcome, number in (("passed", found.passed), ("failed", found.failed), ("error", found.errors)):
            outcomes.append(Sample(number, {"judge": found.judge, "outcome": outcome}))
        scores += histogram({"judge": found.judge}, found.up_to, found.scores, found.total)
    return [
        Family("studio_judgements_total", "counter", "Judgements by kind of judge and outcome.", outcomes),
        Family("studio_judge_score", "histogram", "Overall scores (0-5) of judgements.", scores),
    ]


def _waiting(now: datetime) -> list[Sample]:
    """Of every queue, 0 when nothing waits, so that an alert has something to compare."""
    since = {"simulate": synthesis.waiting_since(now), "export": judging.export_waiting_since()}
    return [Sample(_age(moment, now), {"queue": name}) for name, moment in since.items()]


def _age(moment: datetime | None, now: datetime) -> float:
    return (now - moment).total_seconds() if moment else 0.0


def _one(name: str, kind: str, text: str, value: float) -> Family:
    return Family(name, kind, text, [Sample(value)])


def _by(name: str, label: str, numbers: Mapping[str, float], text: str, kind: str = "gauge") -> Family:
    return Family(name, kind, text, [Sample(number, {label: key}) for key, number in numbers.items()])


def text_of(families: Iterable[Family]) -> str:
    """The families in Prometheus' text format, version 0.0.4."""
    return "".join(line + "\n" for family in families for line in _lines(family))


def _lines(family: Family) -> Iterable[str]:
    yield f"# HELP {family.name} {_escaped(family.help)}"
    yield f"# TYPE {family.name} {family.kind}"
    for sample in family.samples:
        inside = ",".join(f'{name}="{_escaped(value, quotes=True)}"' for name, value in sample.labels.items())
        yield f"{family.name}{sample.suffix}{'{' + inside + '}' if inside else ''} {sample.value:.15g}"


def _escaped(text: str, *, quotes: bool = False) -> str:
    text = text.replace("\\", "\\\\").replace("\n", "\\n")
    return text.replace('"', '\\"') if quotes else text

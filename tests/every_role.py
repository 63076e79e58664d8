"""A run in which the fake provider plays every role: the endpoints it needs, its command line, and what its database says afterwards."""

from collections.abc import Mapping, Sequence
from typing import Any

from synthesis.engine.scenarios.scenario import VARIATIONS
from tests.studio.installation import Installation

SEATS = {"user": "model:fake-user", "agent": "model:fake-agent", "tools": "model:fake-tools"}
JUDGES = {"fake-strict": "fake:strict=1", "fake-fair": "fake", "fake-lenient": "fake:strict=-1,noise=0.2"}
ENDPOINTS = {"fake-user": "fake", "fake-agent": "fake", "fake-tools": "fake", **JUDGES}

MAKE = """
from tests.builders_endpoints import an_endpoint
for number, (slug, model) in enumerate({endpoints!r}.items(), 1):
    an_endpoint(slug, key="", base_url={url!r}, model=model, provider="fake",
        price_prompt=1_000_000 * number, price_completion=4_000_000 * number, price_cached=100_000 * number)
print(0)
"""

COUNT = """
from collections import Counter
from django.db.models import Count, Q, Sum
from judging.models import Judgement
from synthesis.models import Budget, Episode, Event, ModelUsage, Reservation
names = ["prompt_tokens", "completion_tokens", "cost"]
run = {run}
events = dict()
for kind, payload in Event.objects.filter(episode__run=run).values_list("kind", "payload").iterator():
    usage = payload.get("usage")
    if usage:
        seat = "tool" if kind == "tool_result" else payload["role"]
        found = events.setdefault(seat, Counter())
        found.update({{name: usage.get(name, 0) for name in names}})
asked = ModelUsage.objects.filter(run=run)
sums = {{name: Sum(name) for name in ["calls", "failures", *names]}}
usage = {{row["role"]: row for row in asked.values("role").annotate(**sums)}}
judged = Judgement.objects.filter(episode__run=run)
budget = Budget.objects.filter(run=run).values("spent", "reserved", "limit").first()
print(json.dumps(dict(
    events=events, usage=usage, budget=budget,
    reservations=Reservation.objects.filter(budget=run).count(),
    by_endpoint=dict(asked.values_list("endpoint__slug").annotate(Sum("calls"))),
    panel=judged.filter(judge="panel").aggregate(n=Count("pk"), cost=Sum("cost"), tokens=Sum("tokens")),
    decides=dict(judged.filter(decides=True).values_list("judge").annotate(Count("pk"))),
    errors=list(judged.exclude(error="").values_list("judge", "error")[:20]),
    status=dict(Episode.objects.filter(run=run).values_list("status").annotate(Count("pk"))),
    failed=list(Episode.objects.filter(run=run, status="failed").values_list("index", "variation", "failure")),
    outcomes=dict(Episode.objects.filter(run=run).values_list("outcome").annotate(Count("pk"))),
    variations=dict(Episode.objects.filter(run=run).values_list("variation").annotate(Count("pk"))),
    passed={{v: [good, n] for v, good, n in judged.filter(decides=True).values_list("episode__variation").annotate(
        good=Count("pk", filter=Q(passed=True)), n=Count("pk"))}},
)))
"""


def endpoints_made(place: Installation, url: str) -> None:
    """Endpoints of the fake provider at ``url``: one for each seat and three judges, each with prices of its own."""
    place.ask(MAKE.format(endpoints=ENDPOINTS, url=url))


def command_line(episodes: int, *more: str) -> list[str]:
    """Arguments of ``synthesize`` for models in every seat, a panel of three, all variations, and a budget nobody reaches."""
    seats = [part for seat, who in SEATS.items() for part in (f"--{seat}", who)]
    judges = ["--judges", ",".join(JUDGES), "--variations", ",".join(VARIATIONS)]
    return ["--episodes", str(episodes), *seats, *judges, "--budget", "1000000", "--threshold", "3", "--slips", "0", *more]


def counted(place: Installation, run: int) -> dict[str, Any]:
    """What the database says of a run: usage by its events, by its judgements, by the tally and by the budget."""
    found: dict[str, Any] = place.ask(COUNT.format(run=run))
    return found


def wrong_sums(found: Mapping[str, Any]) -> list[str]:
    """Where the sums differ; nothing when every call is counted once everywhere. Only for runs in which no call failed for good."""
    wrong, usage, events = [], found["usage"], found["events"]
    for role, sums in events.items():
        wrong += [
            f"{role}: {name} {value} in events, {usage[role][name]} in the tally"
            for name, value in sums.items()
            if usage[role][name] != value
        ]
    judge, panel = usage["judge"], found["panel"]
    if panel["cost"] != judge["cost"] or panel["tokens"] != judge["prompt_tokens"] + judge["completion_tokens"]:
        wrong.append(f"judgements {panel}, tally {judge}")
    cost, budget = sum(row["cost"] for row in usage.values()), found["budget"]
    if (budget["spent"], budget["reserved"], found["reservations"]) != (cost, 0, 0):
        wrong.append(f"budget {budget} with {found['reservations']} reservations, tally {cost}")
    return wrong


def wrong_rows(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What exported rows lack: which seats were models, what they took, and that they were no real ones."""
    wrong = []
    for row in rows:
        if row["seats"] != SEATS:
            wrong.append(f"{row['index']}: seats {row['seats']}")
        for seat in ("user", "agent"):
            model = row["models"].get(seat, {})
            if model.get("endpoint") != SEATS[seat].partition(":")[2] or model.get("models") != ["fake"] or not model.get("cost"):
                wrong.append(f"{row['index']}: {seat} {model}")
        if row["judgement"]["judge"] != "panel":
            wrong.append(f"{row['index']}: judged by {row['judgement']['judge']}")
    return wrong

"""What runs spend on language models: budgets, and what roles took of endpoints."""

from typing import NamedTuple

from django.db.models import Q, Sum

from synthesis.engine.participants.cast import model_of
from synthesis.models import Budget, Episode, ModelEndpoint, ModelUsage, Run

FIGURES = ("calls", "failures", "prompt_tokens", "completion_tokens", "cost", "called_off")


class Share(NamedTuple):
    """What one role took of one endpoint. ``cost`` in millionths of ``currency``; ``called_off`` calls stand in it with what they took at
    most.
    """

    role: str
    endpoint: str
    currency: str
    calls: int
    failures: int
    prompt_tokens: int
    completion_tokens: int
    cost: int
    called_off: int = 0


def limit_of(run: Run) -> int | None:
    """What the run may spend, in millionths; None: it has no budget. One whose seats are all scripted is not asked for it."""
    if not any(model_of(who) for who in run.seats.values()):
        return None
    return Budget.objects.filter(pk=run.pk).values_list("limit", flat=True).first()


def budget_of(run_id: int) -> Budget | None:
    """What the run may spend and what it has spent."""
    return Budget.objects.filter(pk=run_id).first()


def shares_of(run_id: int) -> list[Share]:
    """What every role took of every endpoint in a run, the dearest first."""
    rows = ModelUsage.objects.filter(run_id=run_id).order_by()
    sums = {name: Sum(name) for name in FIGURES}
    counted = rows.values_list("role", "endpoint__slug", "endpoint__currency").annotate(**sums)
    return sorted((Share(*row) for row in counted), key=lambda share: (-share.cost, -share.calls, share.role, share.endpoint))


def costs_of(run_id: int) -> list[int]:
    """What each episode of a run that came to its end has cost in its seats, in millionths, by index."""
    return list(Episode.objects.filter(run_id=run_id, status__in=["played", "judged"]).order_by("index").values_list("cost", flat=True))


def currency_of(run: Run) -> str:
    """The currency of the run's endpoints, as they are now; "" without any, or where they differ."""
    slugs = {slug for who in run.seats.values() if (slug := model_of(who))}
    slugged = Q(slug__in=slugs) | Q(usage__run=run)
    found = list(ModelEndpoint.objects.filter(slugged).order_by().values_list("currency", flat=True).distinct())
    return found[0] if len(found) == 1 else ""

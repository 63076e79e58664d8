"""What a run spends on language models, as its page shows it; and more money for one that may go on."""

from collections.abc import Sequence
from decimal import Decimal
from math import sqrt
from statistics import mean, stdev
from typing import NamedTuple

from django.contrib.auth.models import User

from judging.selectors.accepted import accepted_by_run, accepted_with_models
from studio import broadcast
from studio.access import audit
from studio.pipelines.launching import millionths
from synthesis.models import Run
from synthesis.selectors import spending, usage
from synthesis.selectors.spending import Share
from synthesis.services.gate import budget_set
from synthesis.services.run_error import RunError
from synthesis.services.seats import MOST_MONEY, models_of

T_95 = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)
"""Quantiles of Student's t, two-sided 95 %, for 1 to 9 degrees of freedom."""
NORMAL_95 = 1.96


class Interval(NamedTuple):
    """A mean and where the true one lies with 95 % confidence, in millionths."""

    mean: int
    least: int
    most: int

    def times(self, number: int) -> "Interval":
        """Of so many together."""
        return Interval(self.mean * number, self.least * number, self.most * number)


class Spending(NamedTuple):
    """All amounts in millionths of ``currency`` ("" where endpoints differ). ``limit`` None: no budget. ``accepted`` episodes are those
    good enough to be kept; ``each`` what one has cost in all, None without any. ``called_off`` calls are counted with what they took at
    most.
    """

    currency: str
    limit: int | None
    spent: int
    reserved: int
    shares: Sequence[Share]
    calls: int
    tokens: int
    cost: int
    accepted: int
    each: int | None
    called_off: int = 0

    @property
    def percent(self) -> int:
        """How much of the budget is spent or set aside."""
        return min(100, round(100 * (self.spent + self.reserved) / self.limit)) if self.limit else 0


def has_models(run: Run) -> bool:
    """Whether a model plays in a run or judges it."""
    judge = getattr(run, "judge", None) or {}
    return bool(models_of(run.seats) or judge.get("endpoints"))


def spending_of(run: Run) -> Spending | None:
    """What a run's models took so far; None for one that has none."""
    if not has_models(run):
        return None
    shares = spending.shares_of(run.pk)
    budget, cost, accepted = spending.budget_of(run.pk), sum(share.cost for share in shares), accepted_by_run([run.pk]).get(run.pk, 0)
    return Spending(
        currency=spending.currency_of(run),
        limit=budget.limit if budget else None,
        spent=budget.spent if budget else cost,
        reserved=budget.reserved if budget else 0,
        shares=shares,
        calls=sum(share.calls for share in shares),
        tokens=sum(share.prompt_tokens + share.completion_tokens for share in shares),
        cost=cost,
        accepted=accepted,
        each=round(cost / accepted) if accepted else None,
        called_off=sum(share.called_off for share in shares),
    )


class KeptCost(NamedTuple):
    """What a run, or all runs together, spent on models, in millionths by currency, and how many accepted episodes that made. Of all runs
    only those count that asked a model: the others cost nothing."""

    spent: Sequence[tuple[str, int]]
    calls: int
    kept: int

    @property
    def each(self) -> Sequence[tuple[str, int]]:
        """What an accepted episode cost, those beside it that were not included; empty without any."""
        return [(currency, round(cost / self.kept)) for currency, cost in self.spent] if self.kept else []


def kept_cost(run: Run | None) -> KeptCost:
    """Of ``run``, or of all runs; two queries, whatever the number of episodes."""
    lines = usage.of_runs([run.pk]).get(run.pk, []) if run else usage.of_all_runs()
    kept = accepted_by_run([run.pk]).get(run.pk, 0) if run else accepted_with_models()
    return KeptCost([(line.currency, line.took.cost) for line in lines], sum(line.took.calls for line in lines), kept)


def interval_of(costs: Sequence[int], beside: int = 0) -> Interval | None:
    """What an episode costs, judging from those seen; ``beside`` is what each took outside of its seats. None from fewer than two."""
    if len(costs) < 2:
        return None
    middle, freedom = mean(costs) + beside, len(costs) - 1
    half = (T_95[freedom - 1] if freedom <= len(T_95) else NORMAL_95) * stdev(costs) / sqrt(len(costs))
    return Interval(round(middle), max(0, round(middle - half)), round(middle + half))


def expected_cost(run: Run, spent: Spending | None) -> Interval | None:
    """What an episode of a run costs, from those that have ended."""
    costs = spending.costs_of(run.pk)
    if spent is None or not costs:
        return None
    return interval_of(costs, round(max(0, spent.cost - sum(costs)) / len(costs)))


def budget_raise(*, actor: User, run_id: int, budget: Decimal) -> None:
    """Let a run spend ``budget`` in all, in the currency of its endpoints. Raises RunError for no amount of money."""
    limit = millionths(budget)
    if limit is None or not 0 < limit <= MOST_MONEY:
        raise RunError("--budget", "it is no amount of money", "Give more than 0.")
    before = {"budget": _limit(run_id)}
    with audit.change(actor, "runs.budget", "run", run_id, f"run {run_id}", before=before) as told:
        budget_set(run_id=run_id, limit=limit)
        told.after = {"budget": _limit(run_id)}
    broadcast.hint(f"run:{run_id}")


def _limit(run_id: int) -> int | None:
    budget = spending.budget_of(run_id)
    return budget.limit if budget else None

"""Evolutions: asked for at a door, worked on by whichever worker comes first, steered by people."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet

from synthesis.engine.chat.errors import NoQuota
from synthesis.engine.evolution.wanted import Wanted, problem_of
from synthesis.models import Domain, Evolution, EvolutionStatus
from synthesis.selectors.jobs import due, lapsed

MOST_LOST = 3
"""Workers lost in a row at one step after which an evolution has failed."""
MOST_WAITS = 30
"""Times in a row that an endpoint could not be asked after which a person has to look."""
BY_A_PERSON = "Paused by a person."


class EvolutionRefused(ValueError):
    """What was asked for cannot be done. ``field`` is where in a form, "" for the whole; the text says why."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


def evolution_create(*, endpoint: str, wanted: Wanted, at_once: bool, limit: int | None, asked_by: str, now: datetime) -> Evolution:
    """Note what a model is to add. Raises EvolutionRefused."""
    field, problem = problem_of(wanted)
    if problem:
        raise EvolutionRefused(field, problem)
    if limit is not None and limit < 1:
        raise EvolutionRefused("limit", "A cap is more than nothing; leave it out for none.")
    _check_domains(wanted)
    return Evolution.objects.create(
        endpoint=endpoint, wanted=wanted, at_once=at_once, limit=limit, asked_by=asked_by[:150], created=now, asked=now
    )


def _check_domains(wanted: Wanted) -> None:
    named = [("parent", wanted.parent)] if wanted.parent else []
    named += [("wordings", slug) for slug in wanted.wordings]
    there = set(Domain.objects.filter(slug__in=[slug for _field, slug in named]).values_list("slug", flat=True))
    released = set(Domain.objects.filter(slug__in=wanted.wordings, releases__isnull=False).values_list("slug", flat=True))
    for field, slug in named:
        if slug not in there:
            raise EvolutionRefused(field, f"There is no domain {slug}.")
        if field == "wordings" and slug not in released:
            raise EvolutionRefused(field, f"{slug} has no release whose intents could be worded.")


def evolution_take(*, evolution_id: int, lease: timedelta, now: datetime) -> int:
    """The epoch under which the caller works until the lease ends; 0 when somebody else does, or nobody may.

    What a lost worker had set aside counts as spent: its call may have been answered and billed. The MOST_LOST-th worker that is lost
    without a step done fails the evolution.
    """
    with transaction.atomic():
        mine = Evolution.objects.filter(pk=evolution_id)
        silent = mine.filter(lapsed(EvolutionStatus.WORKING, now))
        silent.filter(lost__gte=MOST_LOST - 1).update(
            status=EvolutionStatus.FAILED, note="The workers that did it were lost.", finished=now, lease_until=None
        )
        new = {"status": EvolutionStatus.WORKING, "lease_until": now + lease, "epoch": F("epoch") + 1, "note": "", "not_before": None}
        new |= {"spent": F("spent") + F("reserved"), "reserved": 0}
        taken = silent.update(**new, lost=F("lost") + 1) or mine.filter(due(now), status=EvolutionStatus.QUEUED).update(**new)
        return Evolution.objects.values_list("epoch", flat=True).get(pk=evolution_id) if taken else 0


def evolution_go_on(*, evolution_id: int, epoch: int, lease: timedelta, now: datetime) -> bool:
    """Keep it for longer. False when it is the caller's no more, or somebody paused or cancelled it: then there is no use in going on."""
    return bool(_mine(evolution_id, epoch).update(lease_until=now + lease))


def evolution_hand_back(*, evolution_id: int, epoch: int, now: datetime, wait: timedelta | None = None, note: str = "") -> str:
    """Let the next worker go on, after ``wait`` when the endpoint cannot be asked now. Returns the status.

    The MOST_WAITS-th wait in a row pauses the evolution.
    """
    if wait is not None and _mine(evolution_id, epoch).filter(waits__gte=MOST_WAITS - 1).exists():
        return evolution_stop(evolution_id=evolution_id, epoch=epoch, note=note)
    waits = 0 if wait is None else F("waits") + 1
    changed = _mine(evolution_id, epoch).update(
        status=EvolutionStatus.QUEUED, lease_until=None, asked=now, not_before=now + wait if wait else None, note=note, waits=waits
    )
    return str(EvolutionStatus.QUEUED) if changed else "lost"


def evolution_stop(*, evolution_id: int, epoch: int, note: str) -> str:
    """Pause: nobody can go on until a person acts, and ``note`` says why. Returns the status."""
    changed = _mine(evolution_id, epoch).update(status=EvolutionStatus.PAUSED, lease_until=None, note=note or "unknown")
    return str(EvolutionStatus.PAUSED) if changed else "lost"


def evolution_done(*, evolution_id: int, epoch: int, now: datetime) -> str:
    """Everything is drafted. Returns the status."""
    changed = _mine(evolution_id, epoch).update(status=EvolutionStatus.DONE, lease_until=None, finished=now, lost=0)
    return str(EvolutionStatus.DONE) if changed else "lost"


def evolution_failed(*, evolution_id: int, epoch: int, note: str, now: datetime) -> str:
    """There will be no more, and ``note`` says why. What passed can still be accepted. Returns the status."""
    changed = _mine(evolution_id, epoch).update(
        status=EvolutionStatus.FAILED, lease_until=None, finished=now, note=note or "unknown", spent=F("spent") + F("reserved"), reserved=0
    )
    return str(EvolutionStatus.FAILED) if changed else "lost"


def evolution_pause(*, evolution_id: int) -> None:
    """Stop after what is under way is called off. Raises EvolutionRefused unless it is queued or worked on."""
    may = Evolution.objects.filter(pk=evolution_id, status__in=[EvolutionStatus.QUEUED, EvolutionStatus.WORKING])
    _moved(may.update(status=EvolutionStatus.PAUSED, lease_until=None, note=BY_A_PERSON), "Only what is queued or at work can be paused.")


def evolution_resume(*, evolution_id: int, now: datetime, limit: int | None = None) -> None:
    """Go on, with a new cap if one is given. Raises EvolutionRefused unless it is paused."""
    cap = {} if limit is None else {"limit": limit}
    may = Evolution.objects.filter(pk=evolution_id, status=EvolutionStatus.PAUSED)
    changed = may.update(status=EvolutionStatus.QUEUED, note="", not_before=None, waits=0, lost=0, asked=now, **cap)
    _moved(changed, "Only what is paused can be resumed.")


def evolution_cancel(*, evolution_id: int, now: datetime) -> None:
    """Draft no more; what passed can still be accepted. Raises EvolutionRefused when it is over already."""
    may = Evolution.objects.filter(pk=evolution_id, status__in=[EvolutionStatus.QUEUED, EvolutionStatus.WORKING, EvolutionStatus.PAUSED])
    _moved(may.update(status=EvolutionStatus.CANCELLED, lease_until=None, finished=now, note=""), "It is over already.")


def money_set_aside(*, evolution_id: int, epoch: int, most: int) -> None:
    """Set ``most`` millionths aside for one call. Raises NoQuota when the cap has no room for it."""
    room = Q(limit__isnull=True) | Q(limit__gte=F("spent") + F("reserved") + most)
    if not Evolution.objects.filter(room, pk=evolution_id, epoch=epoch).update(reserved=F("reserved") + most):
        raise NoQuota("The next call could pass the cap on cost. Raise the cap and resume, or accept what is there.")


def money_settle(*, evolution_id: int, epoch: int, set_aside: int, spent: int) -> None:
    """Count what a call cost in place of what was set aside. Does nothing once somebody else took the evolution: that counted it."""
    Evolution.objects.filter(pk=evolution_id, epoch=epoch, reserved__gte=set_aside).update(
        reserved=F("reserved") - set_aside, spent=F("spent") + spent
    )


def _mine(evolution_id: int, epoch: int) -> QuerySet[Evolution]:
    return Evolution.objects.filter(pk=evolution_id, status=EvolutionStatus.WORKING, epoch=epoch)


def _moved(changed: int, otherwise: str) -> None:
    if not changed:
        raise EvolutionRefused("", otherwise)

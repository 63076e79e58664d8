"""Trying tools: a person's own copy of a seeded world, the calls made in it, and what a sandbox says of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from studio.models import Trial
from synthesis.engine.packs.findings import PackError
from synthesis.engine.packs.model import Pack
from synthesis.engine.packs.parse import parse_pack
from synthesis.engine.tools import ToolError
from synthesis.engine.trials.fillings import Filling
from synthesis.engine.trials.tables import TableLook, TableRows
from synthesis.engine.trials.trial import PastCall, SchemaFault, TrialOutcome, TrialWorld
from synthesis.engine.world.machine import Broken
from synthesis.engine.world.values import BadValue, check_value
from synthesis.models import Domain
from synthesis.selectors import browse, registry
from synthesis.services.desk import DeskBusy, DeskDied, DeskTrouble, desk

MOST_CALLS = 50
MOST_WORLDS = 12
"""Worlds kept per person; the one that was not used for longest is forgotten."""
MOST_ARGUMENTS = 32 * 1024
MOST_FOLDING = 1000.0
"""Milliseconds that making the past calls again may take."""
DRAFT = "draft"
DRAFT_SEEDS = tuple(range(1, 11))


class Place(NamedTuple):
    """A world to try tools in: of a release, or of the draft (``number`` None), named by ``digest``. ``seeds`` are suggestions."""

    domain: Domain
    pack: Pack
    digest: str
    number: int | None
    seed: int
    seeds: Sequence[int]

    @property
    def which(self) -> str:
        """How the release is chosen in a query string; "" is the newest."""
        return DRAFT if self.number is None else str(self.number)


class Made(msgspec.Struct, frozen=True):
    """A call as the trial remembers it. What a successful one returned is found again by making it again; a failed one is told from
    here."""

    tool: str
    args: dict[str, Any]
    digest: str
    milliseconds: float
    rows: int = 0
    broken: list[Broken] = []
    check_crash: str | None = None
    error: ToolError | None = None
    crash: str | None = None
    faults: list[SchemaFault] = []


class TrialRefused(Exception):
    """A call that is not made; the text says why and what to do."""


class DraftUnreadable(Exception):
    """The draft does not parse; ``findings`` say where."""

    def __init__(self, findings: Sequence[Any]) -> None:
        super().__init__("the draft cannot be read")
        self.findings = findings


def trouble_of(trouble: DeskTrouble) -> str:
    """What to tell somebody whose request got no answer."""
    if isinstance(trouble, DeskBusy):
        return _("All sandboxes are at work. Try again in a moment.")
    if isinstance(trouble, DeskDied):
        return _("The programs of this domain took too long or too much memory: %(why)s.") % {"why": trouble}
    return _("The programs of this domain failed: %(why)s.") % {"why": trouble}


def place_of(domain: Domain, which: str, seed: int | None) -> Place | None:
    """The world that is asked for: ``which`` is a release's number, ``draft``, or "" for the newest release. None when there is none.

    Raises DraftUnreadable.
    """
    if which == DRAFT:
        try:
            pack = parse_pack(domain.pack_text)
        except PackError as error:
            raise DraftUnreadable(error.findings) from None
        return Place(domain, pack, pack.digest, None, DRAFT_SEEDS[0] if seed is None else seed, DRAFT_SEEDS)
    number = int(which) if which.isascii() and which.isdigit() and len(which) < 9 else None
    release = browse.release_numbered(domain.slug, number) if number or not which else None
    if release is None:
        return None
    seeds = list(release.seeds) or list(DRAFT_SEEDS)
    return Place(domain, msgspec.convert(release.pack, Pack), release.digest, release.number, seeds[0] if seed is None else seed, seeds)


def calls_made(user: User, place: Place) -> list[Made]:
    """The calls that ``user`` made in this world."""
    row = Trial.objects.filter(user=user, release=place.digest, seed=place.seed).first()
    return msgspec.convert(row.calls, list[Made]) if row else []


def trial_call(*, user: User, place: Place, tool: str, args: dict[str, Any], now: datetime) -> int:
    """Make a call in the person's world; its number, from 1. Raises TrialRefused, DeskBusy, DeskFailed."""
    _check_arguments(args)
    for _attempt in range(3):
        row = _trial(user, place, now)
        made = msgspec.convert(row.calls, list[Made])
        _check_room(made)
        outcome = _played(place, made, tool, args)
        calls = [*made, _remembered(tool, args, outcome)]
        # Somebody (the same person, in another window) may have called meanwhile: then this call comes after that one.
        fresh = Trial.objects.filter(pk=row.pk, version=row.version)
        if fresh.update(calls=calls, version=F("version") + 1, updated=now):
            return len(calls)
    raise TrialRefused(_("Other calls came in between. Call again."))


def trial_script(place: Place, calls: Sequence[tuple[str, dict[str, Any]]]) -> list[TrialOutcome]:
    """Calls in a fresh copy of the world, which nobody keeps. Raises TrialRefused, DeskTrouble."""
    for _tool, args in calls:
        _check_arguments(args)
    return msgspec.convert(_ask("trial_script", place, [], [list(call) for call in calls]), list[TrialOutcome])


def trial_reset(*, user: User, place: Place) -> None:
    """Forget the calls: the world is the seeded one again."""
    Trial.objects.filter(user=user, release=place.digest, seed=place.seed).delete()


def outcome_of(place: Place, made: Sequence[Made], number: int) -> TrialOutcome:
    """What call ``number`` (from 1) gave: a failed one as remembered, a successful one by making it again. Raises DeskTrouble."""
    call = made[number - 1]
    if call.error is None:
        return _asked_play(place, made[: number - 1], call.tool, call.args)
    return TrialOutcome(
        error=call.error, crash=call.crash, faults=call.faults, broken=call.broken, check_crash=call.check_crash,
        milliseconds=call.milliseconds, digest=call.digest, changed=call.rows,
    )  # fmt: skip


def filled(place: Place, made: Sequence[Made], tool: str, filling: Filling) -> dict[str, Any] | None:
    """Arguments to begin with, or None when this world has none of that kind. Raises DeskTrouble."""
    args: dict[str, Any] | None = _ask("trial_fill", place, made, tool, msgspec.to_builtins(filling))
    return args


def past_calls(place: Place, tool: str) -> list[registry.PastUse]:
    """The newest calls of the tool in episodes of this release (of a draft: none)."""
    row = registry.tool_named(place.digest, tool)
    return registry.tool_past(row.pk, tool) if row else []


def keys(place: Place, made: Sequence[Made], tables: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """Keys of these tables as the world stands, each with a hint. Raises DeskTrouble."""
    found = _ask("trial_keys", place, made, list(tables))
    return {table: [(key, hint) for key, hint in rows] for table, rows in found.items()}


def rows(place: Place, made: Sequence[Made], look: TableLook) -> TableRows:
    """Rows of a table as the world stands. Raises DeskTrouble."""
    return msgspec.convert(_ask("trial_rows", place, made, msgspec.to_builtins(look)), TableRows)


def _ask(method: str, place: Place, made: Sequence[Made], *arguments: Any) -> Any:
    past = [PastCall(call.tool, call.args, call.error.code if call.error else None) for call in made]
    world = TrialWorld(place.digest, place.seed, past)
    return desk().ask(method, msgspec.to_builtins(world), *arguments, packs={place.digest: place.pack})


def _asked_play(place: Place, made: Sequence[Made], tool: str, args: dict[str, Any]) -> TrialOutcome:
    return msgspec.convert(_ask("trial_play", place, made, tool, args), TrialOutcome)


def _played(place: Place, made: Sequence[Made], tool: str, args: dict[str, Any]) -> TrialOutcome:
    """A call that ended its sandbox failed like any other and changed nothing."""
    try:
        return _asked_play(place, made, tool, args)
    except DeskDied as died:
        last = made[-1] if made else None
        return TrialOutcome(
            error=ToolError("internal_error", "The tool failed."), crash=str(died), digest=last.digest if last else "",
            changed=last.rows if last else 0, milliseconds=desk().limits.kill_seconds * 1000,
        )  # fmt: skip


def _remembered(tool: str, args: dict[str, Any], outcome: TrialOutcome) -> Made:
    return Made(
        tool=tool, args=args, digest=outcome.digest, milliseconds=round(outcome.milliseconds, 2), rows=outcome.changed,
        broken=outcome.broken, check_crash=outcome.check_crash, error=outcome.error, crash=outcome.crash, faults=outcome.faults,
    )  # fmt: skip


def _check_arguments(args: dict[str, Any]) -> None:
    try:
        check_value(args)
    except BadValue as bad:
        raise TrialRefused(_("The arguments cannot be sent: %(why)s.") % {"why": str(bad).removeprefix("returned ")}) from None
    if len(msgspec.json.encode(args)) > MOST_ARGUMENTS:
        raise TrialRefused(_("The arguments are larger than %(size)s KB. Send less.") % {"size": MOST_ARGUMENTS // 1024})


def _check_room(made: Sequence[Made]) -> None:
    if len(made) >= MOST_CALLS:
        raise TrialRefused(_("This world has seen %(calls)s calls. Reset it to go on.") % {"calls": MOST_CALLS})
    if sum(call.milliseconds for call in made if call.error is None) > MOST_FOLDING:
        raise TrialRefused(_("The calls so far take too long to be made again. Reset the world to go on."))


def _trial(user: User, place: Place, now: datetime) -> Trial:
    """The row of this world, made when first needed."""
    of_user = Trial.objects.filter(user=user)
    row = of_user.filter(release=place.digest, seed=place.seed).first()
    if row is not None:
        return row
    try:
        with transaction.atomic():
            old = list(of_user.order_by("-updated", "-pk").values_list("pk", flat=True)[MOST_WORLDS - 1 :])
            of_user.filter(pk__in=old).delete()
            return Trial.objects.create(user=user, domain=place.domain.slug, release=place.digest, seed=place.seed, updated=now)
    except IntegrityError:
        return Trial.objects.get(user=user, release=place.digest, seed=place.seed)

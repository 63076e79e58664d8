"""Preference pairs: noted when a play is repaired or when one scenario was played well and badly, settled once both are judged."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from judging.engine.formats.canonical import CanonicalMessage, conversation
from judging.engine.formats.pairs import Pair, pair_of
from judging.models import Judgement, PairKind, PairState, PreferencePair
from synthesis.engine.episode.trajectory import read_trajectory
from synthesis.models import OPEN_STATUSES
from synthesis.services.claims import read_logs

AT_ONCE = 50
"""Pairs settled in one go: each opens two logs."""


def pair_note(*, chosen_id: int, rejected_id: int, marked: int | None, made_by_id: int | None, now: datetime) -> PreferencePair:
    """Note a repaired play beside the one it repairs. It waits until the repaired one is judged."""
    return PreferencePair.objects.create(
        chosen_id=chosen_id, rejected_id=rejected_id, kind=PairKind.REPAIRED, marked=marked, made_by_id=made_by_id, created=now
    )


def pairs_find(*, run_id: int, now: datetime) -> int:
    """Pair what one run played well and badly of the same scenario, each failed play with one that passed. Returns how many are new."""
    judged = Judgement.objects.filter(episode__run_id=run_id, decides=True, flaw="", error="", episode__scenario__isnull=False)
    plays: dict[str, dict[bool, list[int]]] = defaultdict(lambda: {True: [], False: []})
    for scenario, passed, episode in judged.order_by("episode__index").values_list("episode__scenario_id", "passed", "episode_id"):
        plays[scenario][passed].append(episode)
    rows = [
        PreferencePair(chosen_id=good[place % len(good)], rejected_id=bad, kind=PairKind.NATURAL, created=now)
        for good, bads in ((found[True], found[False]) for found in plays.values() if found[True])
        for place, bad in enumerate(bads)
    ]
    known = set(PreferencePair.objects.filter(rejected__run_id=run_id).values_list("rejected_id", flat=True))
    fresh = [row for row in rows if row.rejected_id not in known]
    PreferencePair.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


def pairs_settle(*, limit: int = AT_ONCE) -> int:
    """Settle waiting pairs whose better play is over. Returns how many were settled."""
    waiting = PreferencePair.objects.filter(state=PairState.WAITING).exclude(chosen__status__in=OPEN_STATUSES)
    pairs = list(waiting.exclude(rejected__status__in=OPEN_STATUSES).order_by("pk")[:limit])
    episodes = {episode for pair in pairs for episode in (pair.chosen_id, pair.rejected_id)}
    judgements = {j.episode_id: j for j in Judgement.objects.filter(episode_id__in=episodes, decides=True)}
    logs = read_logs(sorted(episodes)) if pairs else {}
    said = {episode: conversation(read_trajectory(logs.get(episode, []))) for episode in episodes}
    with transaction.atomic():
        for pair in pairs:
            _settle(pair, judgements.get(pair.chosen_id), judgements.get(pair.rejected_id), said)
    return len(pairs)


def _settle(
    pair: PreferencePair, chosen: Judgement | None, rejected: Judgement | None, said: Mapping[int, Sequence[CanonicalMessage]]
) -> None:
    reason = _objection(chosen, rejected)
    parted = pair_of(said[pair.chosen_id], said[pair.rejected_id])
    pair.state, pair.reason = PairState.REFUSED, reason
    if not reason and isinstance(parted, Pair):
        pair.state, pair.at = PairState.GOOD, parted.at
    elif not reason:
        pair.reason = str(parted)
    PreferencePair.objects.filter(pk=pair.pk, state=PairState.WAITING).update(state=pair.state, reason=pair.reason, at=pair.at)


def _objection(chosen: Judgement | None, rejected: Judgement | None) -> str:
    """Why these two are no pair, "" when nothing speaks against it."""
    if chosen is None or chosen.overall is None:
        return "The better play was not judged."
    if not chosen.passed or chosen.hard_fails:
        return f"The better play failed as well: {chosen.reason or ', '.join(chosen.hard_fails)}"
    if chosen.flaw:
        return f"The better play is no valid row: {chosen.flaw}"
    other = rejected.overall if rejected is not None and rejected.passed and not rejected.hard_fails else None
    return "The other play is as good." if other is not None and other >= chosen.overall else ""

"""Verdicts of episodes in lists: the deciding judgement's word."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from judging.models import Judgement
from synthesis.models import Episode

VERDICTS = ("passed", "failed")


class Verdict(NamedTuple):
    """Whether an episode passed, and its score (0-5; None when the judge failed)."""

    passed: bool
    overall: float | None


def verdicts_of(episode_ids: Iterable[int]) -> dict[int, Verdict]:
    """The verdict on each of these episodes, in one query; those without a judgement are left out."""
    rows = Judgement.objects.filter(episode_id__in=list(episode_ids), decides=True)
    return {pk: Verdict(passed, overall) for pk, passed, overall in rows.values_list("episode_id", "passed", "overall")}


def episodes_of_run(
    run_id: int,
    *,
    verdict: str = "",
    blame: str = "",
    after: int = -1,
    limit: int = 50,
    status: str = "",
    domain: str = "",
    variation: str = "",
    without: Collection[int] = (),
) -> list[Episode]:
    """Episodes of a run after index ``after`` by the word of their deciding judgement, ``without`` some of them, in order of index.

    ``verdict`` is ``passed`` or ``failed``, ``blame`` a party and a tag (``agent:missing_call``); "" filters nothing.
    """
    wanted = {name: value for name, value in {"status": status, "domain": domain, "variation": variation}.items() if value}
    rows = Episode.objects.filter(run_id=run_id, index__gt=after, **wanted).exclude(pk__in=without).defer("cast", "failure")
    if verdict or blame:
        party, _, tag = blame.partition(":")
        about = {"judgements__decides": True} | ({"judgements__passed": verdict == "passed"} if verdict else {})
        rows = rows.filter(**about | ({"judgements__party": party, "judgements__tag": tag} if blame else {}))
    return list(rows.order_by("index")[:limit])

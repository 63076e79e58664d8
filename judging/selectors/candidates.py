"""What the gates ask about the judged episodes of runs."""

from collections.abc import Iterator, Sequence
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

import msgspec
from django.db.models import F, Q, TextField
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast

from judging.engine.filters import Candidate, Rule
from judging.models import CriterionScore, Judgement, Review, ReviewState
from synthesis.models import Run

CHUNK = 500
EVERYTHING = Rule()

LANGUAGE = Cast(KeyTextTransform("language", KeyTransform("persona", "episode__cast")), TextField())
"""The language an episode is spoken in, from a row that names it. As text: the look-ups of a JSON key expect JSON."""


class Source(NamedTuple):
    """A run, and the position of its first episode among those of all sources. ``judge_version`` names a judge whose word is taken there
    instead of the deciding one.
    """

    run: Run
    judge_version: str = ""
    first: int = 0


class Traits(NamedTuple):
    """What an episode is counted by in a mix."""

    domain: str
    variation: str
    difficulty: int
    language: str


class JudgedCandidate(NamedTuple):
    """A candidate and the rows it came from; ``traits`` where they were asked for."""

    candidate: Candidate
    episode_id: int
    judgement_id: int
    run_id: int
    judge_version: str
    traits: Traits | None = None


def sources_of(runs: Sequence[Run]) -> list[Source]:
    """The runs in order of id, each with the judgements that decide, so that the same runs always make the same dataset."""
    found, first = [], 0
    for run in sorted(runs, key=lambda run: run.pk):
        found.append(Source(run, first=first))
        first += run.episodes
    return found


def candidates(sources: Sequence[Source], rule: Rule = EVERYTHING, *, traits: bool = False) -> Iterator[JudgedCandidate]:
    """The judged episodes that ``rule`` asks about, best first: by falling overall score (none last), then by position.

    Streams; no trajectory is opened. ``traits`` brings what a mix is counted by.
    """
    if not sources:
        return
    first = {source.run.pk: source.first for source in sources}
    low, human = _low(sources, rule), _human(sources)
    columns = [
        "episode__run_id", "episode__index", "flaw", "passed", "party", "tag", "overall", "hard", "exact_digest", "structural_digest",
        "episode_id", "id", "judge_version",
    ]  # fmt: skip
    rows = chosen(sources, rule).annotate(hard=Cast("hard_fails", TextField()))
    if traits:
        rows = rows.annotate(language=LANGUAGE)
        columns += ["episode__domain", "episode__variation", "episode__scenario__difficulty", "language"]
    rows = rows.order_by(F("overall").desc(nulls_last=True), "episode__run_id", "episode__index")
    for row in rows.values_list(*columns).iterator(chunk_size=CHUNK):
        run, index, flaw, passed, party, tag, overall, hard, exact, structural, episode, judgement, version, *more = row
        failure = "" if passed else f"{party}: {tag}"
        hard_fails = [] if hard == "[]" else msgspec.json.decode(hard)
        candidate = Candidate(
            first[run] + index, flaw, passed, failure, overall, hard_fails, exact, structural,
            low.get(judgement, ""), human.get(episode, ""),
        )  # fmt: skip
        yield JudgedCandidate(candidate, episode, judgement, run, version, Traits(*more) if traits else None)


def chosen(sources: Sequence[Source], rule: Rule) -> Any:
    """Judgements of ``sources`` about the episodes that ``rule`` asks about."""
    rows = Judgement.objects.filter(reduce(or_, (Q(episode__run=source.run) & _counts(source) for source in sources)))
    if rule.domains:
        rows = rows.filter(episode__domain__in=rule.domains)
    if rule.variations:
        rows = rows.filter(episode__variation__in=rule.variations)
    if rule.reviewed:
        rows = rows.filter(episode__in=Review.objects.filter(state=ReviewState.SEALED, item__probe="").values("item__episode"))
    if rule.languages:
        rows = rows.annotate(spoken=LANGUAGE).filter(spoken__in=rule.languages)
    return rows


def _counts(source: Source) -> Q:
    return Q(judge_version=source.judge_version) if source.judge_version else Q(decides=True)


def _low(sources: Sequence[Source], rule: Rule) -> dict[int, str]:
    """The first criterion, in the rule's order, that is below its floor, by judgement."""
    found: dict[int, str] = {}
    for slug, floor in reversed(rule.floors.items()):
        below = CriterionScore.objects.filter(criterion__slug=slug, value__lt=floor, judgement__in=chosen(sources, rule).values("pk"))
        found |= dict.fromkeys(below.values_list("judgement_id", flat=True), slug)
    return found


def _human(sources: Sequence[Source]) -> dict[int, str]:
    """What the newest sealed review decided, by episode."""
    rows = Review.objects.filter(state=ReviewState.SEALED, item__probe="", item__episode__run__in=[source.run for source in sources])
    return dict(rows.order_by("sealed", "pk").values_list("item__episode_id", "decision"))

"""From what is known of a judge to a report: one part for scenarios to work with (dev), one to be looked at seldom (test)."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from judging.engine.calibration.sample import SPLITS, VERDICT, Answers, Damaged, Known, Labelled, Split, Whole, split_of
from judging.engine.statistics.ceiling import Ceiling, Cluster, ceiling
from judging.engine.statistics.pairs import gwet_of_pairs, kappa, most_frequent_share, table_of
from judging.engine.statistics.rates import Confusion, Rates, Weighed, confusion, rates, share
from judging.engine.statistics.result import Result, Silence

LEAST_LABELS = 100
LEAST_RARE = 30
"""Labels in all, and of the rarer class, below which there is no number."""
SCALE = range(6)
YES_OR_NO = range(2)
THIRDS = 3
T = TypeVar("T")


class OfCriterion(msgspec.Struct, frozen=True):
    """One criterion, or the verdict (""). ``counts`` are what stands behind the cells; ``rates`` weigh each review by its chance.

    ``kappa`` and ``weighted`` (quadratic; the same for the verdict), ``ac1``, ``ac2`` compare values; ``frequent`` is the share of the most
    frequent one. ``ceiling`` sets the judge beside people.
    """

    criterion: str
    counts: Confusion
    rates: Rates
    kappa: Result
    weighted: Result
    ac1: Result
    ac2: Result
    frequent: float
    ceiling: Ceiling


class OfKind(msgspec.Struct, frozen=True):
    """One kind of damage: the share found, and the share for which the reason was named."""

    kind: str
    found: Result
    named: Result


class Bucket(msgspec.Struct, frozen=True):
    """Between ``low`` and ``high``: the share of damage found, or how much oftener the judge passes than people do."""

    low: float
    high: float
    result: Result


class Part(msgspec.Struct, frozen=True):
    """What is known on one part. ``lengths``: damage found by number of events; ``places``: by where in the log it begins (0-1);
    ``leniency``: share of bad episodes passed, by number of events. ``whole``: share of undamaged plays passed.
    """

    criteria: list[OfCriterion]
    damage: list[OfKind]
    damage_found: Result
    whole: Result
    lengths: list[Bucket]
    places: list[Bucket]
    caught_by_length: list[Bucket]


class Report(msgspec.Struct, frozen=True):
    """The whole report. ``state`` is the share caught of episodes whose world came out wrong."""

    parts: dict[Split, Part]
    state: Result
    note: str = ""


def report_of(known: Known, criteria: Sequence[str], seed: int, note: str = "") -> Report:
    """The report over ``criteria`` (slugs, in order), with the verdict first. ``seed`` decides the draws of intervals."""
    parts: dict[Split, Part] = {split: _part(known, criteria, split, random.Random(f"{seed}|{split}")) for split in SPLITS}
    caught, wrong = known.state_wrong
    return Report(parts, share(caught, wrong), note)


def _part(known: Known, criteria: Sequence[str], split: Split, rng: random.Random) -> Part:
    labelled = defaultdict[str, list[Labelled]](list)
    for label in known.labelled:
        if label.split == split:
            labelled[label.criterion].append(label)
    answers = defaultdict[str, list[Answers]](list)
    for answer in known.answers:
        if split_of(answer.scenario) == split:
            answers[answer.criterion].append(answer)
    damaged = [one for one in known.damaged if split_of(one.scenario) == split]
    bad = [label for label in labelled[VERDICT] if not label.good]
    return Part(
        criteria=[of_criterion(slug, labelled[slug], answers[slug], rng) for slug in (VERDICT, *criteria)],
        damage=_kinds(damaged),
        damage_found=share(sum(one.found for one in damaged), len(damaged)),
        whole=_whole([one for one in known.whole if split_of(one.scenario) == split]),
        lengths=_buckets(damaged, lambda one: one.length, lambda one: one.found),
        places=_buckets(damaged, lambda one: one.place, lambda one: one.found),
        caught_by_length=_buckets(bad, lambda label: label.length, lambda label: not label.passed),
    )


def enough(good: float, bad: float) -> bool:
    """Whether so many labels of both classes carry a number."""
    return good + bad >= LEAST_LABELS and min(good, bad) >= LEAST_RARE


def of_criterion(slug: str, labels: Sequence[Labelled], answers: Sequence[Answers], rng: random.Random) -> OfCriterion:
    """One criterion. With too few labels, or too few of one class, every number is "not enough reviews"."""
    items = [Weighed(label.good, label.passed, label.weight) for label in labels]
    counts = confusion(items)
    few = Silence("not_enough", len(labels))
    if not enough(counts.good_passed + counts.good_caught, counts.bad_passed + counts.bad_caught):
        return OfCriterion(slug, counts, Rates(few, few, few), few, few, few, few, 0.0, Ceiling(few, few, few))
    scale = list(YES_OR_NO if slug == VERDICT else SCALE)
    table = table_of((label.said, label.truth) for label in labels)
    return OfCriterion(
        criterion=slug,
        counts=counts,
        rates=rates(items),
        kappa=kappa(table, scale),
        weighted=kappa(table, scale, "quadratic"),
        ac1=gwet_of_pairs(table, scale),
        ac2=gwet_of_pairs(table, scale, "quadratic"),
        frequent=most_frequent_share(table),
        ceiling=ceiling(_clusters(answers), scale, "quadratic", rng),
    )


def _clusters(answers: Sequence[Answers]) -> list[Cluster]:
    found = defaultdict[str, list[tuple[int | None, Sequence[int]]]](list)
    for answer in answers:
        found[answer.scenario].append((answer.said, answer.people))
    return [Cluster(items) for _, items in sorted(found.items())]


def _kinds(damaged: Sequence[Damaged]) -> list[OfKind]:
    of, found, named = Counter[str](), Counter[str](), Counter[str]()
    for one in damaged:
        of[one.kind] += 1
        found[one.kind] += one.found
        named[one.kind] += one.named
    return [OfKind(kind, share(found[kind], of[kind]), share(named[kind], of[kind])) for kind in sorted(of)]


def _whole(whole: Sequence[Whole]) -> Result:
    return share(sum(one.passed for one in whole), len(whole))


def _buckets(items: Sequence[T], place: Callable[[T], float], hit: Callable[[T], bool]) -> list[Bucket]:
    """Thirds of the items by ``place``, each with its share of hits; fewer where many lie at one place. Nothing for a few items."""
    ordered = sorted(items, key=place)
    if len(ordered) < LEAST_RARE or place(ordered[0]) == place(ordered[-1]):
        return []
    size = len(ordered) / THIRDS
    thirds = [ordered[round(i * size) : round((i + 1) * size)] for i in range(THIRDS)]
    return [Bucket(place(third[0]), place(third[-1]), share(sum(hit(item) for item in third), len(third))) for third in thirds]

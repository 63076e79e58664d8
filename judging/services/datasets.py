"""Datasets from judged episodes."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import msgspec
from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify

from judging.engine.filters import Candidate, Rule, Tally, sift
from judging.engine.nearness import Nearness
from judging.models import Dataset, DatasetRow, DatasetSource, DatasetVersion
from judging.selectors.candidates import JudgedCandidate, Source, candidates, sources_of
from judging.selectors.overview import RUN_SLUG, run_slug
from synthesis.models import Run

BATCH = 500


class DatasetError(Exception):
    """A dataset that cannot be as it was asked for, in one clear sentence."""


def dataset_build(
    *, run: Run, threshold: float | None = None, duplicates: bool = False, judge_version: str | None = None
) -> DatasetVersion:
    """Ask the gates of every judged episode of ``run`` and freeze the result, in one transaction.

    ``threshold`` defaults to the run's; ``judge_version`` takes that judge's word instead of the deciding one's. The same rule over the
    same judgements gives the version that exists already. Memory does not grow with the trajectories.
    """
    rule = Rule(threshold=run.threshold if threshold is None else threshold, duplicates=duplicates)
    sources = [Source(run, judge_version)] if judge_version else sources_of([run])
    with transaction.atomic():
        dataset, new = Dataset.objects.get_or_create(slug=run_slug(run.pk), defaults={"name": f"Run {run.pk}", "rule": rule.body()})
        if new:
            dataset.runs.add(run)
        return _frozen(dataset, sources, rule)


def dataset_save(*, name: str, runs: Sequence[Run], rule: Rule) -> Dataset:
    """Save a rule over ``runs`` under ``name``; one that has the name already follows the new rule from now on. Raises DatasetError."""
    name = name.strip()
    slug = slugify(name)[:100] or "dataset-" + hashlib.sha256(name.encode()).hexdigest()[:8]
    if not name or not runs:
        raise DatasetError("A dataset needs a name and at least one run.")
    if slug.startswith(RUN_SLUG):
        raise DatasetError(f"Names that begin with {RUN_SLUG!r} belong to what runs leave behind. Choose another name.")
    with transaction.atomic():
        dataset, _ = Dataset.objects.update_or_create(slug=slug, defaults={"name": name, "rule": rule.body()})
        dataset.runs.set(runs)
    return dataset


class Meant(NamedTuple):
    """What is known of meaning when a version is frozen: ``near`` finds twins; ``told`` ({endpoint, model, alike, off}) stands in the
    version's counts, ``off`` saying why nobody looked, "" where somebody did.
    """

    near: Nearness | None
    told: dict[str, Any]


def dataset_freeze(*, dataset: Dataset, meant: Meant | None = None) -> DatasetVersion:
    """Freeze what the dataset's rule keeps of its runs now, in one transaction; the version that is the same already, if there is one.

    A rule that asks for meaning is given what is ``meant``; without, that gate is off, and the counts say so.
    """
    rule = msgspec.convert(dataset.rule, Rule)
    if rule.meaning and not rule.duplicates and meant is None:
        meant = Meant(None, {"endpoint": rule.meaning, "model": "", "alike": rule.alike, "off": "nobody was asked"})
    with transaction.atomic():
        return _frozen(dataset, sources_of(list(dataset.runs.all())), rule, meant)


def _frozen(dataset: Dataset, sources: Sequence[Source], rule: Rule, meant: Meant | None = None) -> DatasetVersion:
    digest, judges = _digest(sources, rule, meant)
    known = dataset.versions.filter(digest=digest).first()
    if known is not None:
        return known
    last = dataset.versions.aggregate(last=Max("number"))["last"] or 0
    version = DatasetVersion.objects.create(dataset=dataset, number=last + 1, rule=rule.body(), counts={}, kept=0, digest=digest)
    DatasetSource.objects.bulk_create(
        DatasetSource(version=version, run=source.run, judge_version=judges[source.run.pk], first=source.first) for source in sources
    )
    tally = _sift(version, sources, rule, meant.near if meant else None)
    version.counts, version.kept, version.mean_quality = _counts(tally, meant), tally.kept, tally.mean_quality
    version.save(update_fields=["counts", "kept", "mean_quality"])
    return version


def _counts(tally: Tally, meant: Meant | None) -> dict[str, Any]:
    return tally.counts() | ({"meaning": meant.told} if meant else {})


def _digest(sources: Sequence[Source], rule: Rule, meant: Meant | None) -> tuple[str, dict[int, str]]:
    """What names the version, and the judge of each run."""
    judges: dict[int, set[str]] = {source.run.pk: set() for source in sources}
    rows = hashlib.sha256()
    for row in candidates(sources, rule):
        rows.update(msgspec.json.encode(row.candidate))
        judges[row.run_id].add(row.judge_version)
    named = {run: source_judge(versions) for run, versions in judges.items()}
    facts: list[Any] = [[source.run.seed, rule.body(), named[source.run.pk]] for source in sources]
    digest = hashlib.sha256(msgspec.json.encode(facts[0] if len(facts) == 1 else facts))
    digest.update(rows.digest())
    if meant:
        digest.update(msgspec.json.encode(meant.told))
    return digest.hexdigest(), named


def source_judge(versions: Collection[str]) -> str:
    """One name for the judges of a run: the only one's version, a hash over several (a judge that changed while the run went on, or failed
    where the checks then decided); empty without any.
    """
    if len(versions) > 1:
        return hashlib.sha256(msgspec.json.encode(sorted(versions))).hexdigest()
    return next(iter(versions), "")


def _sift(version: DatasetVersion, sources: Sequence[Source], rule: Rule, near: Nearness | None) -> Tally:
    tally = Tally()
    seen: dict[int, JudgedCandidate] = {}

    def offered() -> Iterator[Candidate]:
        rows = candidates(sources, rule)
        while part := list(islice(rows, BATCH)):
            if near:
                near.prepare([row.candidate.exact for row in part])
            for row in part:
                seen[row.candidate.index] = row
                yield row.candidate

    decided = sift(offered(), rule, tally, near)
    while batch := list(islice(decided, BATCH)):
        rows = []
        for candidate, decision in batch:
            source = seen.pop(candidate.index)
            rows.append(
                DatasetRow(
                    version=version,
                    position=candidate.index,
                    episode_id=source.episode_id,
                    judgement_id=source.judgement_id,
                    gate=decision.gate,
                    reason=decision.reason[:300],
                    twin=decision.twin,
                )
            )
        DatasetRow.objects.bulk_create(rows)
    return tally

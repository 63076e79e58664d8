"""Datasets from judged episodes."""

import hashlib
from collections.abc import Iterator
from itertools import islice

import msgspec
from django.db import transaction
from django.db.models import Max

from judging.engine.filters import Candidate, Rule, Tally, sift
from judging.models import Dataset, DatasetRow, DatasetVersion
from judging.selectors.candidates import JudgedCandidate, candidates, latest_judge_version
from synthesis.models import Run

BATCH = 500


def dataset_build(
    *, run: Run, threshold: float | None = None, duplicates: bool = False, judge_version: str | None = None
) -> DatasetVersion:
    """Ask the gates of every judged episode of ``run`` and freeze the result, in one transaction.

    ``threshold`` defaults to the run's, ``judge_version`` to the one that judged last. The same rule over the same judgements gives the
    version that exists already. Memory does not grow with the trajectories.
    """
    rule = Rule(threshold=run.threshold if threshold is None else threshold, duplicates=duplicates)
    judge = judge_version or latest_judge_version(run) or ""
    with transaction.atomic():
        dataset, _ = Dataset.objects.get_or_create(
            slug=f"run-{run.pk}", defaults={"name": f"Run {run.pk}", "rule": msgspec.to_builtins(rule)}
        )
        digest = _digest(run, rule, judge)
        known = dataset.versions.filter(digest=digest).first()
        if known is not None:
            return known
        last = dataset.versions.aggregate(last=Max("number"))["last"] or 0
        version = DatasetVersion.objects.create(
            dataset=dataset, number=last + 1, run=run, rule=msgspec.to_builtins(rule), judge_version=judge, counts={}, kept=0, digest=digest
        )
        tally = _sift(version, run, rule, judge)
        version.counts, version.kept, version.mean_quality = tally.counts(), tally.kept, tally.mean_quality
        version.save(update_fields=["counts", "kept", "mean_quality"])
        return version


def _digest(run: Run, rule: Rule, judge: str) -> str:
    digest = hashlib.sha256(msgspec.json.encode([run.seed, rule, judge]))
    for row in candidates(run, judge):
        digest.update(msgspec.json.encode(row.candidate))
    return digest.hexdigest()


def _sift(version: DatasetVersion, run: Run, rule: Rule, judge: str) -> Tally:
    tally = Tally()
    sources: dict[int, JudgedCandidate] = {}

    def seen() -> Iterator[Candidate]:
        for row in candidates(run, judge):
            sources[row.candidate.index] = row
            yield row.candidate

    decided = sift(seen(), rule, tally)
    while batch := list(islice(decided, BATCH)):
        rows = []
        for candidate, decision in batch:
            source = sources.pop(candidate.index)
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

"""The manifest of a dataset version, from its rows and what the database knows of runs, judges and endpoints."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django.db.models import Count, Sum

from judging.engine.formats.manifest import (
    FileSaid,
    JudgeModel,
    JudgeOfRows,
    JudgeSaid,
    Ledger,
    Manifest,
    Models,
    RowSaid,
    RunSaid,
    Spent,
    Wired,
)
from judging.models import DatasetSource, DatasetVersion, JudgeVersion, RubricVersion
from judging.selectors.trust import badges
from synthesis.selectors import endpoints, usage


def manifest_of(*, version: DatasetVersion, files: Mapping[str, FileSaid], ledger: Ledger) -> Manifest:
    """What stands beside ``files``, by format; ``ledger`` has added up their rows."""
    rows = version.rows.filter(gate="").order_by("position").values_list("position", "judgement__exact_digest")
    sources = list(version.sources.select_related("run"))
    return Manifest(
        rule=version.rule,
        counts=version.counts,
        mean_quality=version.mean_quality,
        judge=_judge(version, [source.judge_version for source in sources]),
        models=_models(version, sources, ledger),
        files=dict(files),
        rows=[RowSaid(index, digest) for index, digest in rows.iterator(chunk_size=2000)],
        **_origin(sources),
    )


def _judge(version: DatasetVersion, judges: Sequence[str]) -> JudgeSaid:
    first = version.rows.select_related("judgement").order_by("position").first()
    rubrics = RubricVersion.objects.filter(pk__in=version.rows.values("judgement__rubric_version")).select_related("rubric").order_by("pk")
    trusted = badges(list(version.rows.order_by().values_list("judgement__judge_version", flat=True).distinct()))
    return JudgeSaid(
        kind=first.judgement.judge if first else None,
        version=_one_or_all(judges),
        rubric=_one_or_all([row.rubric.slug for row in rubrics]) if rubrics else None,
        rubric_version=_one_or_all([row.digest for row in rubrics]) if rubrics else None,
        # How far each could be trusted when the files were written, so that whoever gets the data knows it too.
        trust={name: msgspec.to_builtins(badge) for name, badge in sorted(trusted.items())},
    )


def _one_or_all(names: Sequence[str]) -> str | list[str]:
    different = list(dict.fromkeys(names))
    return different[0] if len(different) == 1 else different


def _origin(sources: Sequence[DatasetSource]) -> dict[str, Any]:
    """Seeds and releases of the runs it was drawn from; of several, in order, each with the index its episodes begin at."""
    if len(sources) == 1:
        return {"seeds": {"run": sources[0].run.seed}, "releases": sources[0].run.releases}
    return {"runs": [RunSaid(source.run.seed, source.first, source.run.releases) for source in sources]}


def _models(version: DatasetVersion, sources: Sequence[DatasetSource], ledger: Ledger) -> Models:
    judged = list(
        version.rows.filter(gate="")
        .order_by()
        .values_list("judgement__judge_version")
        .annotate(n=Count("pk"), tokens=Sum("judgement__tokens"), cost=Sum("judgement__cost"))
        .order_by("judgement__judge_version")
    )
    known = {row.version: row for row in _judge_versions([name for name, *_sums in judged])}
    members = {slug for row in known.values() for slug in row.identity.get("endpoints", [])}
    wired = _wired(ledger.endpoints() | members)
    seats = ledger.seats(wired)
    judges = [_judge_of_rows(known[name], n, tokens, cost, wired) for name, n, tokens, cost in judged if name in known]
    return Models(seats, judges, _spent(seats, judges, sources))


def _judge_versions(names: Sequence[str]) -> list[JudgeVersion]:
    return list(JudgeVersion.objects.filter(version__in=names).select_related("rubric_version__rubric"))


def _wired(slugs: set[str]) -> dict[str, Wired]:
    return {slug: Wired(row.provider, row.model, row.currency) for slug, row in endpoints.by_slug(sorted(slugs)).items()}


def _judge_of_rows(row: JudgeVersion, rows: int, tokens: int, cost: int, wired: Mapping[str, Wired]) -> JudgeOfRows:
    identity = row.identity
    slugs = identity.get("endpoints", [])
    models = [
        JudgeModel(slug, wired.get(slug, Wired()).provider, model, decoding)
        for slug, model, decoding in zip(slugs, identity.get("models", []), identity.get("decoding", []), strict=False)
    ]
    currencies = {wired[slug].currency for slug in slugs if slug in wired}
    return JudgeOfRows(
        version=row.version,
        kind=row.kind,
        rubric=row.rubric_version.rubric.slug,
        rubric_version=row.rubric_version.digest,
        prompt=identity.get("prompt", ""),
        models=models,
        rows=rows,
        tokens=tokens,
        cost=cost,
        currency=currencies.pop() if len(currencies) == 1 else "",
    )


def _spent(seats: Sequence[Any], judges: Sequence[Any], sources: Sequence[DatasetSource]) -> list[Spent]:
    """By currency: the rows', and their runs'. What costs nothing and asked nobody is not told."""
    rows: dict[str, int] = {}
    for one in (*seats, *(judge for judge in judges if judge.models)):
        rows[one.currency] = rows.get(one.currency, 0) + one.cost
    runs: dict[str, int] = {}
    for lines in usage.of_runs([source.run.pk for source in sources]).values():
        for line in lines:
            runs[line.currency] = runs.get(line.currency, 0) + line.took.cost
    return [Spent(currency, rows.get(currency, 0), runs.get(currency, 0)) for currency in sorted(rows.keys() | runs.keys())]

"""Everything that is known of one judge version, gathered from reviews, states and damaged plays. Read by jobs, not by pages."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.db.models import Q, QuerySet, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from judging.engine.calibration.sample import VERDICT, Answers, Damaged, Known, Labelled, Whole
from judging.engine.rubric import Criterion, Rubric
from judging.models import CriterionScore, Judgement, MutantVerdict, ReviewItem, RubricVersion
from judging.selectors.labels import Label, Opinion, labels, opinions
from judging.selectors.lineage import origins
from judging.selectors.rubrics import rubric_of
from synthesis.engine.participants.cast import PROFILE
from synthesis.models import Episode

WHOLE_SAMPLE = 5000


class _Said(NamedTuple):
    """What the judge said of an episode: whether it let it through, its overall score, its values by criterion, the log's length."""

    passed: bool
    score: float | None
    values: dict[str, float | None]
    length: int


def known_of(version: str, rubric_version: RubricVersion) -> Known:
    """What is known of ``version``, a judge under ``rubric_version``."""
    rubric = rubric_of(rubric_version)
    settled = [label for label in labels(rubric_version) if label.scenario is not None]
    said = _said(version, rubric_version)
    return Known(
        labelled=[*_by_criterion(settled, said, rubric), *_verdicts(settled, said, rubric)],
        answers=_answers(opinions(rubric_version, blind=True), said),
        damaged=_damaged(version),
        whole=_whole(version),
        state_wrong=_state_wrong(version),
    )


def passes(judgement: Judgement) -> bool:
    """Whether a judgement lets an episode through: nothing is broken, and no hard criterion failed."""
    return judgement.passed and not judgement.hard_fails


def _said(version: str, rubric_version: RubricVersion) -> dict[int, _Said]:
    """By episode, where people reviewed it under this rubric version, or one whose labels it takes over, and the judge did not fail."""
    reviewed = Q(episode__in=_reviewed(rubric_version))
    rows = Judgement.objects.filter(reviewed, judge_version=version, error="").only("episode_id", "passed", "hard_fails", "overall")
    scores = CriterionScore.objects.filter(judgement__judge_version=version, judgement__episode__in=_reviewed(rubric_version))
    values = defaultdict[int, dict[str, float | None]](dict)
    for episode, slug, value in scores.values_list("judgement__episode_id", "criterion__slug", "value").iterator(5000):
        values[episode][slug] = value
    lengths = dict(Episode.objects.filter(pk__in=_reviewed(rubric_version)).values_list("pk", "next_seq"))
    return {row.episode_id: _Said(passes(row), row.overall, values[row.episode_id], lengths[row.episode_id]) for row in rows.iterator(5000)}


def _reviewed(rubric_version: RubricVersion) -> QuerySet[ReviewItem, int]:
    versions = [rubric_version.pk, *origins(rubric_version)]
    return ReviewItem.objects.filter(queue__rubric_version__in=versions).values_list("episode_id", flat=True)


def _by_criterion(settled: Iterable[Label], said: Mapping[int, _Said], rubric: Rubric) -> list[Labelled]:
    criteria = {criterion.id: criterion for criterion in rubric.criteria}
    found = []
    for label in settled:
        judge = said.get(label.episode)
        value = judge.values.get(label.criterion) if judge else None
        if judge is not None and value is not None and label.value is not None:
            found.append(_labelled(label, criteria[label.criterion], label.value, value, judge))
    return found


def _labelled(label: Label, criterion: Criterion, truth: int, value: float, judge: _Said) -> Labelled:
    return Labelled(
        criterion=label.criterion,
        item=label.item,
        episode=label.episode,
        scenario=str(label.scenario),
        truth=truth,
        said=round(value),
        good=truth >= criterion.pass_at,
        passed=value >= criterion.pass_at,
        weight=1 / label.probability,
        score=judge.score,
        length=judge.length,
    )


def _verdicts(settled: Iterable[Label], said: Mapping[int, _Said], rubric: Rubric) -> list[Labelled]:
    """An item is good when people settled every hard criterion of it and none fails."""
    hard = {criterion.id: criterion for criterion in rubric.criteria if criterion.hard}
    by_item = defaultdict[int, dict[str, Label]](dict)
    for label in settled:
        if label.criterion in hard:
            by_item[label.item][label.criterion] = label
    found = []
    for given in by_item.values():
        first = next(iter(given.values()))
        judge = said.get(first.episode)
        if judge is None or len(given) < len(hard):
            continue
        good = all(label.value is None or label.value >= hard[slug].pass_at for slug, label in given.items())
        found.append(_verdict(first, good, judge))
    return found


def verdicts_in(run_id: int, version: str, rubric_version: RubricVersion) -> list[Labelled]:
    """Episodes of one run that people reviewed under this rubric, beside what the judge said of them."""
    settled = [label for label in labels(rubric_version, review__item__episode__run=run_id) if label.scenario is not None]
    if not settled:
        return []
    reviewed = {label.episode for label in settled}
    rows = Judgement.objects.filter(episode__run=run_id, judge_version=version, error="").only(
        "episode_id", "passed", "hard_fails", "overall"
    )
    said = {row.episode_id: _Said(passes(row), row.overall, {}, 0) for row in rows.iterator(5000) if row.episode_id in reviewed}
    return _verdicts(settled, said, rubric_of(rubric_version))


def _verdict(label: Label, good: bool, judge: _Said) -> Labelled:
    return Labelled(
        criterion=VERDICT,
        item=label.item,
        episode=label.episode,
        scenario=str(label.scenario),
        truth=int(good),
        said=int(judge.passed),
        good=good,
        passed=judge.passed,
        weight=1 / label.probability,
        score=judge.score,
        length=judge.length,
    )


def _answers(given: Iterable[Opinion], said: Mapping[int, _Said]) -> list[Answers]:
    """People's first answers, before anything was shown to them, item by item."""
    people = defaultdict[tuple[str, int], list[int]](list)
    about: dict[tuple[str, int], Opinion] = {}
    for opinion in given:
        if opinion.scenario is not None and opinion.value is not None:
            people[opinion.criterion, opinion.item].append(opinion.value)
            about[opinion.criterion, opinion.item] = opinion
    found = []
    for key, values in people.items():
        opinion = about[key]
        judge = said.get(opinion.episode)
        value = judge.values.get(opinion.criterion) if judge else None
        found.append(Answers(opinion.criterion, str(opinion.scenario), None if value is None else round(value), tuple(values)))
    return found


def _damaged(version: str) -> list[Damaged]:
    rows = MutantVerdict.objects.filter(judge_version=version, error=False)
    columns = ("mutant__kind", "mutant__episode__scenario_id", "passed", "named", "mutant__place", "mutant__length")
    return [Damaged(kind, scenario, not passed, *rest) for kind, scenario, passed, *rest in rows.values_list(*columns)]


def _whole(version: str) -> list[Whole]:
    """Plays of programs that made no slip: known to be whole, whatever any judge says."""
    scripted = Q(episode__run__seats__agent="scripted") | Q(episode__run__seats__agent__startswith=PROFILE)
    rows = Judgement.objects.filter(scripted, judge_version=version, error="", episode__run__seats__user="scripted")
    rows = rows.exclude(episode__truth__slip__isnull=False).filter(episode__scenario__isnull=False)
    rows = rows.only("passed", "hard_fails", "episode__scenario_id").select_related("episode").order_by("-pk")[:WHOLE_SAMPLE]
    return [Whole(str(row.episode.scenario_id), passes(row)) for row in rows]


def _state_wrong(version: str) -> tuple[int, int]:
    """Of the newest episodes whose world came out wrong: caught, and all."""
    # As text: PostgreSQL compares no JSON.
    states = Judgement.objects.annotate(state=Cast(KT("checks__final_state"), TextField()))
    rows = states.filter(judge_version=version, error="", state="0").only("passed", "hard_fails").order_by("-pk")
    found = [passes(row) for row in rows[:WHOLE_SAMPLE]]
    return sum(not passed for passed in found), len(found)

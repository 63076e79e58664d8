"""Thousands of judged episodes, written straight to the tables in a second or two: for lists that must stay fast however long they are."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import Any

import msgspec
from django.contrib.auth.models import User
from django.utils import timezone

from judging.models import (
    CheckResult,
    Criterion,
    CriterionScore,
    Judgement,
    Review,
    ReviewItem,
    ReviewQueue,
    RubricVersion,
    Verdict,
)
from judging.services import rubric_install, starter_rubric
from judging.services.review_queues import queue_create
from synthesis.engine.scenarios.scenario import VARIATIONS
from synthesis.engine.scenarios.scenario import Scenario as Task
from synthesis.models import Domain, Episode, Event, Release, Run, Scenario, Tool
from synthesis.selectors.runs import run_counts
from tests.judging.builders import PACK, cast, scenario

MANY = 10_000
TASKS = 60
"""Scenarios that the episodes share."""
TROUBLES = (("failed", "poison"), ("failed", "infrastructure"), ("unfilled", "unfilled"), ("cancelled", ""))
BLAMES = (("agent", "missing_call", "high"), ("agent", "wrong_value", "high"), ("user", "left_early", "low"), ("tool", "gave_up", "low"))


def many_episodes(
    count: int = MANY,
    *,
    domains: Sequence[str] = ("clinic", "harbour", "orchard"),
    days: int = 14,
    failing: float = 0.1,
    troubled: float = 0.02,
    scores: bool = False,
    events: int = 0,
    now: datetime | None = None,
    **fields: Any,
) -> Run:
    """A finished run of ``count`` episodes of all variations in ``domains``, ended evenly over the last ``days``.

    A share of ``troubled`` ones came to nothing; of the others, judged, a share of ``failing`` ones did not pass. ``scores``: with a row
    for each criterion (slower); ``events``: so many in each log (slower). ``fields`` are of the run.
    """
    now = now or timezone.now()
    rng = random.Random(count)
    releases = {slug: _release(slug) for slug in domains}
    tasks = _tasks(releases)
    run = Run.objects.create(
        **{
            "seed": 7,
            "episodes": count,
            "releases": {slug: release.digest for slug, release in releases.items()},
            "variations": list(VARIATIONS),
            "seats": {"user": "scripted", "agent": "scripted", "tools": "scripted"},
            "limits": {},
            "status": "finished",
            "finished": now,
            **fields,
        }
    )
    rows = (_episode(run, index, count, tasks, days, troubled, now, events, rng) for index in range(count))
    while chunk := list(islice(rows, 1000)):
        written = Episode.objects.bulk_create(chunk)
        if events:
            Event.objects.bulk_create([event for episode in written for event in _log(episode, events)], batch_size=1000)
    _judge(run, failing, scores, rng)
    run.counts = run_counts(run.pk)
    run.save(update_fields=["counts"])
    return run


def _release(slug: str) -> Release:
    domain, _ = Domain.objects.get_or_create(
        slug=slug, defaults={"name": slug.title(), "category": f"many/{slug}", "pack_text": "", "status": "active"}
    )
    pack = msgspec.structs.replace(PACK, slug=slug, name=slug.title())
    digest = sha256(slug.encode()).hexdigest()
    release, new = Release.objects.get_or_create(
        digest=digest,
        defaults={
            "domain": domain,
            "number": 1,
            "pack_text": "",
            "pack": msgspec.to_builtins(pack),
            "seeds": [1, 2, 3],
            "variations": dict.fromkeys(VARIATIONS, 10),
        },
    )
    if new:
        Tool.objects.bulk_create(
            Tool(release=release, name=tool.name, description=tool.description, parameters=tool.parameters, effect=tool.effect)
            for tool in pack.tools.values()
        )
    return release


def _tasks(releases: dict[str, Release]) -> list[Scenario]:
    slugs = list(releases)
    rows = []
    for number in range(TASKS):
        slug, variation = slugs[number % len(slugs)], VARIATIONS[number % len(VARIATIONS)]
        digest = sha256(f"{slug} {variation} {number}".encode()).hexdigest()
        body = msgspec.to_builtins(_task(variation, digest, slug, releases[slug].digest))
        rows.append(
            Scenario(
                digest=digest,
                release=releases[slug],
                variation=variation,
                intents=["move_visit"],
                difficulty=1 + number % 5,
                body=body,
            )
        )
    Scenario.objects.bulk_create(rows, ignore_conflicts=True)
    return rows


def _task(variation: str, digest: str, slug: str, release: str) -> Task:
    """The scenario of the hand-made clinic, as if it stood in the domain ``slug``."""
    task = scenario(variation)
    return msgspec.structs.replace(
        task,
        digest=digest,
        worlds=[msgspec.structs.replace(world, domain=slug, release=release) for world in task.worlds],
        tools=[msgspec.structs.replace(tool, domain=slug) for tool in task.tools],
    )


def _episode(
    run: Run, index: int, count: int, tasks: list[Scenario], days: int, troubled: float, now: datetime, events: int, rng: random.Random
) -> Episode:
    task = tasks[index % len(tasks)]
    status, kind = rng.choice(TROUBLES) if rng.random() < troubled else ("judged", "")
    ended = now - timedelta(days=days) * ((count - 1 - index) / count)
    return Episode(
        run=run,
        index=index,
        release=task.release,
        domain=task.release.domain.slug,
        variation=task.variation,
        scenario=None if status == "unfilled" else task,
        cast=_CASTS[index % 2],
        persona="p",
        agent="a",
        seed=index,
        status=status,
        next_seq=events,
        turns=4,
        calls=3,
        attempts=1,
        outcome="user_done" if status == "judged" else "",
        failure={"kind": kind, "detail": f"{kind} of episode {index}", "reasons": {}} if kind else None,
        started=ended - timedelta(seconds=2),
        finished=ended,
    )


_CASTS = [msgspec.to_builtins(cast(language)) for language in ("en", "ko")]


def _log(episode: Episode, events: int) -> list[Event]:
    assert episode.finished
    return [
        Event(
            episode_id=episode.pk,
            seq=seq,
            kind="message",
            turn=seq,
            head=f"message {seq}",
            payload={"role": "agent" if seq % 2 else "user", "text": f"message {seq}"},
            created=episode.finished,
        )
        for seq in range(events)
    ]


def _judge(run: Run, failing: float, scores: bool, rng: random.Random) -> None:
    version = rubric_install(rubric=starter_rubric())
    judged = Episode.objects.filter(run=run, status="judged").order_by("pk").values_list("pk", "finished")
    ended = {pk: finished for pk, finished in judged if finished}
    rows = [_judgement(pk, version, None if rng.random() >= failing else rng.choice(BLAMES), rng) for pk in ended]
    written = Judgement.objects.bulk_create(rows, batch_size=1000)
    for row in written:
        row.created = ended[row.episode_id]
    # What auto_now_add writes is the moment of the test.
    Judgement.objects.bulk_update(written, ["created"], batch_size=400)
    CheckResult.objects.bulk_create(_broken(row) for row in written if not row.passed)
    if scores:
        _score(written, version)


def _judgement(episode: int, version: RubricVersion, blame: tuple[str, str, str] | None, rng: random.Random) -> Judgement:
    party, tag, severity = blame or ("", "", "")
    digest = sha256(str(episode).encode()).hexdigest()
    return Judgement(
        episode_id=episode,
        judge_version="j" * 64,
        decides=True,
        rubric_version=version,
        overall=round(rng.uniform(1, 3.5) if blame else rng.uniform(4.2, 5), 2),
        passed=blame is None,
        process_credit=0.5 if blame else 1,
        party=party,
        tag=tag,
        severity=severity,
        failed_check=tag,
        reason=f"{tag} was found." if tag else "",
        first_event=2 if tag else None,
        exact_digest=digest,
        structural_digest=digest,
    )


def _broken(row: Judgement) -> CheckResult:
    return CheckResult(
        judgement=row, check_id=row.tag, reason=row.reason, evidence=[2], party=row.party, tag=row.tag, severity=row.severity
    )


def _score(judgements: Sequence[Judgement], version: RubricVersion) -> None:
    criteria = list(version.criteria.all())
    rows = (
        CriterionScore(judgement=row, criterion=criterion, value=row.overall, reason="As the checks say.", evidence=[2])
        for row in judgements
        for criterion in criteria
    )
    while chunk := list(islice(rows, 2000)):
        CriterionScore.objects.bulk_create(chunk)


def many_reviews(run: Run, count: int, *, people: int = 2, queue: str = "many") -> ReviewQueue:
    """Sealed reviews of the first ``count`` judged episodes of a run by ``people`` each, who answer alike three times in four."""
    version = rubric_install(rubric=starter_rubric())
    made = queue_create(version=version, mode="blind", name=queue, overlap=people)
    rng, now = random.Random(count), timezone.now()
    names = [User.objects.get_or_create(username=f"reviewer {n}")[0] for n in range(people)]
    criteria = list(version.criteria.all())
    episodes = iter(Episode.objects.filter(run=run, status="judged").order_by("pk").values_list("pk", flat=True)[:count])
    while chunk := list(islice(episodes, 1000)):
        items = ReviewItem.objects.bulk_create(
            ReviewItem(queue=made, episode_id=pk, stratum="pass", probability=0.2, state="done", created=now) for pk in chunk
        )
        reviews = Review.objects.bulk_create(
            Review(item=item, reviewer=who, state="sealed", decision="keep", started=now, sealed=now) for item in items for who in names
        )
        truths = {item.pk: rng.choice((5, 5, 5, 1)) for item in items}
        Verdict.objects.bulk_create(
            (_answer(review, criterion, truths[review.item_id], rng) for review in reviews for criterion in criteria), batch_size=2000
        )
    return made


def _answer(review: Review, criterion: Criterion, truth: int, rng: random.Random) -> Verdict:
    value = truth if rng.random() < 0.75 else rng.randrange(6)
    return Verdict(review=review, criterion=criterion, answered=True, value=value, reason="", evidence=[1])

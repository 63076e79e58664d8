"""Something of everything that the interface tells about."""

import asyncio
import re
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from judging.engine.rubric_text import write_rubric
from judging.models import Judgement, Rejudging, RubricDraft, RubricTrial, RubricVersion
from judging.services import judge_bench, judgements_write, rubric_install, starter_rubric
from judging.services.pairs import pair_note
from judging.services.review_claims import slot_assign
from judging.services.review_probes import gold_mark
from judging.services.review_queues import items_ask, queue_create
from judging.services.rubric_drafts import draft_begin
from studio.models import Role
from studio.pipelines.exports import export_ask, export_job_run
from synthesis.models import Episode, ModelEndpoint, Run, Scenario, Tool
from synthesis.services.endpoint_checks import endpoint_check_ask
from synthesis.services.pack_audits import pack_audit_ask
from tests.builders_endpoints import an_endpoint
from tests.builders_evolution import a_refused_draft, an_evolution
from tests.builders_fidelity import a_report
from tests.builders_rubric_trials import a_worded_trial
from tests.builders_runs import PERSONA, PROFILE, a_run, install
from tests.judging.builders import PACK, good
from tests.judging.services.calibrating import a_calibration
from tests.judging.services.reviewing import a_queue, reviewer, sealed
from tests.judging.services.rows import RecordedWorlds, finished, make_run


def evolved() -> dict[str, int]:
    """An evolution and a draft of it that was refused."""
    evolution = an_evolution()
    return {"evolution_id": evolution.pk, "draft_id": a_refused_draft(evolution).pk}


def judged_run() -> Run:
    """A finished run of two judged episodes that read the same."""
    rubric_install(rubric=starter_rubric())
    talks = [good(), good()]
    run = make_run(talks)
    assessed = asyncio.run(judge_bench().assess(items=finished(run, talks), worlds=RecordedWorlds(), packs=lambda digest: PACK))
    judgements_write(assessments=assessed, bench=judge_bench())
    Run.objects.filter(pk=run.pk).update(status="finished")
    run.refresh_from_db()
    return run


def everything(owner: User, judged: Run) -> dict[str, Any]:
    """A value for each part of a URL; slugs and digests under the name of what they name."""
    install()
    running = a_run(2)
    job = export_ask(actor=owner, run=judged, formats=["openai"], threshold=0, duplicates=True)
    assert export_job_run(job_id=job.pk) == "done"
    episode = Episode.objects.filter(run=judged).order_by("index")[0].pk
    a_pair(judged, episode)
    tool = Tool.objects.select_related("release__domain").order_by("pk")[0]
    return {
        "run_id": running.pk,
        "episode_id": episode,
        "judgement_id": Judgement.objects.get(episode_id=episode).pk,
        "job_id": job.pk,
        "rejudging_id": rejudged(judged),
        "trial_id": a_wording(judged).pk,
        "format": "openai",
        "audit_id": pack_audit_ask(domain=tool.release.domain, asked_by="owner", now=timezone.now()).pk,
        "draft": "vet_clinic",
        "report_id": a_report().pk,
        "tool_id": tool.pk,
        "domain": "vet_clinic",
        "endpoint": a_checked_endpoint().slug,
        "name": "user",
        "rubric": a_rubric_draft().slug,
        "persona": PERSONA.slug,
        "agent": PROFILE.slug,
        "release": tool.release.digest,
        **reviewed(owner, judged),
        **evolved(),
        "calibration_id": a_calibration().pk,
        "scenario": Scenario.objects.order_by("digest")[0].digest,
    }


def a_checked_endpoint() -> ModelEndpoint:
    """An endpoint of which a check was asked for."""
    endpoint = an_endpoint()
    endpoint_check_ask(endpoint=endpoint, asked_by="owner", now=timezone.now())
    return endpoint


def a_rubric_draft() -> RubricDraft:
    """A draft of the starter rubric."""
    now = timezone.now()
    return draft_begin(slug="starter", text=write_rubric(starter_rubric()), based_on=None, by="owner", now=now)


def a_wording(judged: Run) -> RubricTrial:
    """Another wording of a question that is disputed about the run's episodes, tried by a judge."""
    version = rubric_install(rubric=starter_rubric())
    episodes = list(Episode.objects.filter(run=judged).order_by("index"))
    return a_worded_trial(version, episodes)


def rejudged(judged: Run) -> int:
    """A round of judging again that nobody has begun."""
    version, now = RubricVersion.objects.get(rubric__slug="starter"), timezone.now()
    spec = {"kind": "programmatic", "endpoints": [], "rubric": version.digest}
    asked = {"rubric_version": version, "episodes": 2, "created": now, "asked": now}
    said = {"episodes": 2, "expected": 0, "low": 0, "high": 0, "currency": "", "basis": "free"}
    return Rejudging.objects.create(run=judged, spec=spec, estimate=said, **asked).pk


def reviewed(owner: User, judged: Run) -> dict[str, Any]:
    """A review that the owner sealed, and an item that everybody who reviews has begun."""
    queue = a_queue(0, overlap=9)
    numbers = list(Episode.objects.filter(run=judged).order_by("index").values_list("pk", flat=True))
    items_ask(queue=queue, episode_ids=numbers, probability=1.0, asked_by="owner", now=timezone.now())
    review = sealed(queue, owner)
    item = queue.items.exclude(pk=review.item_id)[0]
    reviewing = User.objects.filter(membership__role__in=[role for role in Role if role != Role.VIEWER])
    for user in reviewing:
        slot = item.slots.filter(state="free")[0]
        assert slot_assign(slot_id=slot.pk, reviewer_id=user.pk, now=timezone.now())
    return {"review_id": review.pk, "item_id": item.pk, **disputed(owner, review.item.episode_id)}


def disputed(owner: User, episode_id: int) -> dict[str, Any]:
    """A queue with one item, about which a reviewer and the judge differ, and which is gold."""
    version = RubricVersion.objects.get(rubric__slug="starter")
    queue = queue_create(name="Second", version=version, mode="blind", overlap=1)
    items_ask(queue=queue, episode_ids=[episode_id], probability=1.0, asked_by="owner", now=timezone.now())
    item = sealed(queue, reviewer("differs"), "drop", 0).item
    gold = gold_mark(item=item, expected={"policy": 5}, by=owner, now=timezone.now())
    return {"review-queue": queue.slug, "disputed_id": item.pk, "gold_id": gold.pk}


def a_pair(judged: Run, episode_id: int) -> None:
    """An episode that is better than one of the run, which nobody reviews."""
    better = Episode.objects.exclude(run=judged).order_by("pk")[0]
    pair_note(chosen_id=better.pk, rejected_id=episode_id, marked=2, made_by_id=None, now=timezone.now())


def arguments_of(pattern: str, places: dict[str, Any]) -> dict[str, Any]:
    """The parts of one pattern of the interface."""
    kind = pattern.split("/", maxsplit=1)[0].removesuffix("s")
    return {name: places[kind if name in {"slug", "digest"} else name] for name in re.findall(r"<\w+:(\w+)>", pattern)}


def path_of(pattern: str, places: dict[str, Any]) -> str:
    """``/api/v1/`` and a pattern with its parts filled in."""
    parts = arguments_of(pattern, places)
    return "/api/v1/" + re.sub(r"<\w+:(\w+)>", lambda part: str(parts[part[1]]), pattern)

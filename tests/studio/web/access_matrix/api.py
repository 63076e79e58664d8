"""The REST interface as a browser with a session meets it. Each method and scope of it: tests/studio/api/test_access.py."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User

from studio.api.urls import RESOURCES, routes
from tests.studio.api.things import arguments_of, everything, judged_run
from tests.studio.web.access_matrix.entry import EVERYBODY, A, Entry, O, P, R

REVIEWING = frozenset({O, A, P, R})
STEERING, EXPORTING, KNOWING = frozenset({O, A, P}), frozenset({O, P}), EVERYBODY - {R}
WRITING = frozenset({O, A})
MODELS = frozenset({O, A, P})
DONE = frozenset({"remove_gold_item", "claim_item", "seal_item", "endpoint_checks", "remove_endpoint", "default_prompt"})
JUDGING = frozenset({P, A, O})
ROLES = {
    "run_funnel": KNOWING,
    "pause_run": STEERING,
    "requeue_run": STEERING,
    "resume_run": STEERING,
    "cancel_run": STEERING,
    "drafts": WRITING,
    "one_rubric_draft": WRITING,
    "publish_rubric": WRITING,
    "rubric_trials": WRITING,
    "rubric_trial_estimate": WRITING,
    "rubric_rewordings": WRITING,
    "rubric_rewording_estimate": WRITING,
    "one_rubric_trial": WRITING,
    "rubric_trial_found": WRITING,
    "cancel_rubric_trial": WRITING,
    "resume_rubric_trial": WRITING,
    "accept_rewording": WRITING,
    "evolutions": WRITING,
    **dict.fromkeys(("pause_evolution", "resume_evolution", "cancel_evolution"), WRITING),
    **dict.fromkeys(("accept_evolution_draft", "reject_evolution_draft", "open_evolution_draft"), WRITING),
    "one_evolution": STEERING,
    "one_evolution_draft": STEERING,
    "draft_audits": WRITING,
    "publish_audit": WRITING,
    "reviews": REVIEWING,
    "one_review": EXPORTING,
    "review_items": REVIEWING,
    "claim_item": REVIEWING,
    "one_review_item": REVIEWING,
    "seal_item": REVIEWING,
    **dict.fromkeys(("review_queues", "one_review_queue", "queue_reviewers"), EXPORTING),
    **dict.fromkeys(("queue_gold", "one_gold_item", "remove_gold_item"), EXPORTING),
    "disputes": JUDGING,
    "one_dispute": JUDGING,
    "fix_episode": STEERING,
    "preference_pairs": KNOWING,
    "call_tool": STEERING,
    "rejudgings": JUDGING,
    "one_rejudging": JUDGING,
    "rejudging_compared": JUDGING,
    **dict.fromkeys(("adopt_rejudging", "put_back_rejudging", "cancel_rejudging", "resume_rejudging"), STEERING),
    "run_rejudgings": STEERING,
    "rejudging_estimate": STEERING,
    "judgements": KNOWING,
    "one_judgement": KNOWING,
    "judges": KNOWING,
    "calibrations": KNOWING,
    "agreement": KNOWING,
    "exports": KNOWING,
    "one_export": KNOWING,
    "export_download": EXPORTING,
    "endpoints": MODELS,
    "one_endpoint": MODELS,
    "remove_endpoint": EXPORTING,
    "prompts": MODELS,
    "one_prompt": MODELS,
    "default_prompt": EXPORTING,
    "endpoint_checks": EXPORTING,
}
"""Of the others everybody may know."""
READ = frozenset(
    {
        "one_rubric_trial",
        "rubric_trial_found",
        "one_evolution",
        "one_evolution_draft",
        "endpoints",
        "one_endpoint",
        "prompts",
        "one_prompt",
        "rejudgings",
        "one_rejudging",
        "rejudging_compared",
        "disputes",
        "one_dispute",
    }
)
"""Read only, by the same roles that steer."""


def parts(pattern: str) -> Callable[[], dict[str, Any]]:
    """What the URL names, made when it is asked for."""
    return lambda: arguments_of(pattern, everything(User.objects.get(username="owner"), judged_run())) if "<" in pattern else {}


def entry(name: str, pattern: str) -> Entry:
    """Who gets in."""
    posted = name not in READ and (ROLES.get(name) in {STEERING, WRITING} or name in DONE)
    return Entry(ROLES.get(name, EVERYBODY), "post" if posted else "get", parts(pattern), anonymous=401)


ENTRIES: dict[str, Entry] = {
    f"api:{route.name}": entry(str(route.name), pattern) for route, (pattern, _) in zip(routes(RESOURCES), RESOURCES, strict=True)
} | {
    "api:schema": Entry(EVERYBODY, anonymous=401),
    "api:docs": Entry(EVERYBODY),
    "api:nothing": Entry(frozenset(), anonymous=404),
}

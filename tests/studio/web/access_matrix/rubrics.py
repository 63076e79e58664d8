"""Who gets in at the pages of rubrics: everybody reads them; authors write them."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from judging.engine.rubric_text import write_rubric
from judging.models import Criterion
from judging.services import rubric_install, starter_rubric
from judging.services.rubric_choices import rubric_choose
from judging.services.rubric_drafts import draft_begin
from synthesis.models import Domain
from tests.builders_logs import an_episode, close, judge
from tests.builders_rubric_trials import a_worded_trial
from tests.studio.web.access_matrix.catalogue import a_domain
from tests.studio.web.access_matrix.entry import EVERYBODY, A, Entry, O
from tests.studio.web.access_matrix.scenarios import a_scenario

WRITING = frozenset({O, A})
DRAFT = write_rubric(starter_rubric()).replace("Was the policy kept", "Was every rule kept")


def a_rubric() -> Mapping[str, Any]:
    """The starter rubric."""
    rubric_install(rubric=starter_rubric())
    return {"slug": "starter"}


def a_version() -> Mapping[str, Any]:
    """Its first version."""
    return {**a_rubric(), "number": 1}


def a_draft() -> Mapping[str, Any]:
    """A draft of it, with another wording."""
    draft_begin(slug="starter", text=DRAFT, based_on=rubric_install(rubric=starter_rubric()), by="ann", now=timezone.now())
    return {"slug": "starter"}


def a_domains_rubric() -> Mapping[str, Any]:
    """A domain that has a rubric of its own."""
    a_rubric()
    place = a_domain()
    rubric_choose(thing=Domain.objects.get(slug=place["slug"]), rubric="starter", by="ann", now=timezone.now())
    return place


def a_trial() -> Mapping[str, Any]:
    """Another wording that a judge has answered."""
    episode = an_episode()
    close(episode)
    judge(episode)
    return {"trial_id": a_worded_trial(rubric_install(rubric=starter_rubric()), [episode]).pk}


def a_criterion() -> Mapping[str, Any]:
    """A question of the starter rubric."""
    a_rubric()
    return {"criterion_id": Criterion.objects.get(slug="policy", version__rubric__slug="starter").pk}


ENTRIES = {
    "rubrics:try_start": Entry(WRITING, "post", a_draft),
    "rubrics:trial": Entry(WRITING, arguments=a_trial),
    "rubrics:trial_progress": Entry(WRITING, arguments=a_trial),
    "rubrics:trial_cancel": Entry(WRITING, "post", a_trial),
    "rubrics:trial_resume": Entry(WRITING, "post", a_trial),
    "rubrics:trial_accept": Entry(WRITING, "post", a_trial),
    "rubrics:rewording": Entry(WRITING, arguments=a_criterion),
    "rubrics:new": Entry(WRITING),
    "rubrics:begin": Entry(WRITING, "post", a_rubric),
    "rubrics:draft": Entry(WRITING, arguments=a_draft),
    "rubrics:form": Entry(WRITING, arguments=a_draft),
    "rubrics:try": Entry(WRITING, arguments=a_draft),
    "rubrics:publish": Entry(WRITING, arguments=a_draft),
    "rubrics:index": Entry(EVERYBODY),
    "rubrics:rubric": Entry(EVERYBODY, arguments=a_rubric),
    "rubrics:compare": Entry(EVERYBODY, arguments=a_rubric),
    "rubrics:version": Entry(EVERYBODY, arguments=a_version),
    "rubric_choices:domain": Entry(EVERYBODY, arguments=a_domains_rubric),
    "rubric_choices:choose_for_domain": Entry(WRITING, "post", a_domain, {"rubric": ""}),
    "rubric_choices:choose_for_scenario": Entry(WRITING, "post", a_scenario, {"rubric": ""}),
    "rubrics:download": Entry(EVERYBODY, arguments=a_version),
}

"""Choosing who judges: endpoints and a rubric, as people and programs name them, become what a run or a job stores."""

from collections.abc import Sequence
from typing import Literal

from judging.engine.judges.spec import JudgeSpec, problem_of
from judging.models import RubricVersion
from judging.selectors import rubrics
from judging.services.rubrics import judges_rubric, rubric_install, starter_rubric
from synthesis.selectors import endpoints
from synthesis.services.run_error import RunError

DIGEST = 64


def judge_chosen(*, judges: Sequence[str] = (), rubric: str = "") -> JudgeSpec:
    """No ``judges`` (slugs of endpoints): the checks; one: that model; several: a panel. ``rubric`` is the slug of a rubric, whose newest
    version is meant, or the digest of a version; "" stands for the newest version of the one that such a judge answers by default.

    The digest is settled here, once: what is published later changes nothing that was started before. Raises RunError.
    """
    slugs = list(dict.fromkeys(judges))
    kind: Literal["programmatic", "model", "panel"] = "programmatic" if not slugs else "model" if len(slugs) == 1 else "panel"
    version = _rubric(rubric, "judges" if slugs else "starter")
    spec = JudgeSpec(kind, slugs, version.digest)
    usable = [endpoint.slug for endpoint in endpoints.for_purpose("judge")]
    if problem := problem_of(spec, usable):
        there = f"There are: {', '.join(usable)}." if usable else "Add one on the page Models, or give it this purpose there."
        raise RunError("--judges", problem.rstrip("."), there)
    if not slugs and all(criterion.answered_by == "judge" for criterion in rubrics.rubric_of(version).criteria):
        raise RunError("--rubric", f"{version.rubric.slug} leaves every question to judges", "Choose a judge, or another rubric.")
    return spec


def _rubric(name: str, default: str) -> RubricVersion:
    try:
        if not name:
            return rubrics.newest_version(default)
        return rubrics.rubric_version(name) if len(name) == DIGEST else rubrics.newest_version(name)
    except rubrics.RubricMissing as error:
        if not name:
            return rubric_install(rubric=judges_rubric() if default == "judges" else starter_rubric())
        known = ", ".join(dict.fromkeys(version.rubric.slug for version in rubrics.versions()))
        raise RunError("--rubric", str(error).rstrip("."), f"There are: {known}.") from error

"""Choosing who judges: endpoints and a rubric, as people and programs name them, become what a run or a job stores."""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

import msgspec

from judging.engine.judges.spec import JudgeSpec, problem_of
from judging.models import RubricVersion
from judging.selectors import rubrics
from judging.selectors.rubric_choices import attached
from judging.services.rubrics import catalog_install
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
    if not slugs and not _checks_answer(version):
        raise RunError("--rubric", f"{version.rubric.slug} leaves every question to judges", "Choose a judge, or another rubric.")
    return spec


def judge_for(*, judges: Sequence[str] = (), rubric: str = "", domains: Collection[str] = ()) -> JudgeSpec:
    """The same for a run over ``domains`` (without any: all): where no ``rubric`` is named, scenarios and domains are asked the one that is
    attached to them, in its newest version. A named one is asked of every episode. Raises RunError.

    Where nobody but the checks judges, an attached rubric that leaves every question to judges is passed over: nobody would answer it.
    """
    spec = judge_chosen(judges=judges, rubric=rubric)
    if rubric:
        return spec
    wanted = attached(domains)
    return msgspec.structs.replace(
        spec, domains=_digests(wanted.domains, spec.asks_models), scenarios=_digests(wanted.scenarios, spec.asks_models)
    )


def _digests(wanted: Mapping[str, RubricVersion], asks_models: bool) -> dict[str, str]:
    return {name: version.digest for name, version in sorted(wanted.items()) if asks_models or _checks_answer(version)}


def _checks_answer(version: RubricVersion) -> bool:
    """Whether the checks answer any question of it."""
    return any(criterion.answered_by == "check" for criterion in rubrics.rubric_of(version).criteria)


def _rubric(name: str, default: str) -> RubricVersion:
    try:
        if not name:
            return rubrics.newest_version(default)
        return rubrics.rubric_version(name) if len(name) == DIGEST else rubrics.newest_version(name)
    except rubrics.RubricMissing as error:
        if not name:
            return catalog_install(slug=default)
        known = ", ".join(dict.fromkeys(version.rubric.slug for version in rubrics.versions()))
        raise RunError("--rubric", str(error).rstrip("."), f"There are: {known}.") from error

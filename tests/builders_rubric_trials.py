"""Trials of rubrics that model judges have answered, without a model."""

from collections.abc import Sequence

import msgspec
from django.utils import timezone

from judging.engine.rewording import Proposal, alone, reworded
from judging.engine.worksheet import Case, Said, Worksheet
from judging.models import Criterion, RubricTrial, RubricVersion, TrialAnswer
from judging.selectors.rubrics import rubric_of
from synthesis.models import Episode

SAID = {"episodes": 2, "expected": 900, "low": 500, "high": 2000, "currency": "USD", "basis": "guess"}


def a_worded_trial(version: RubricVersion, episodes: Sequence[Episode], slug: str = "policy") -> RubricTrial:
    """A disputed question of ``version`` in other words, answered with 1 about each episode; the disputes were settled as 1, 5, 1, 5 ..."""
    [old] = [criterion for criterion in rubric_of(version).criteria if criterion.id == slug]
    proposal = Proposal("Was each rule of the policy kept?", {5: "Each one.", 0: "One was broken."}, "Whether an offer counts.")
    answers = [Said("A", 5, "it was kept", []), Said("B", 1, "it was broken", [])]
    cases = [Case(7 + n, row.pk, row.domain, answers, "new", (1, 5)[n % 2], "so it is") for n, row in enumerate(episodes)]
    sheet = Worksheet("Rubric #1", slug, old.question, old.hard, old.scale, [], cases)
    now = timezone.now()
    trial = RubricTrial.objects.create(
        published=version,
        criterion=Criterion.objects.get(version=version, slug=slug),
        sheet=msgspec.to_builtins(sheet, str_keys=True),
        author="writer",
        proposal=msgspec.to_builtins(proposal, str_keys=True),
        body=msgspec.to_builtins(alone(rubric_of(version), reworded(old, proposal)), str_keys=True),
        spec={"kind": "model", "endpoints": ["reader"], "rubric": version.digest},
        episodes=[row.pk for row in episodes],
        estimate=SAID,
        budget=2000,
        cost=800,
        status="done",
        asked_by="ann",
        created=now,
        asked=now,
        finished=now,
    )
    for row in episodes:
        TrialAnswer.objects.create(trial=trial, episode=row, values={slug: 1}, reasons={slug: "a rule was broken"}, overall=1, passed=False)
    return trial

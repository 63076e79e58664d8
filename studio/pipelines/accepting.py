"""A wording that a model drafted goes into the draft of its rubric, when an author accepts it. Nothing is published by that."""

import msgspec
from django.contrib.auth.models import User
from django.utils import timezone

from judging.engine.rewording import reworded
from judging.engine.rubric_lint import read_draft
from judging.models import RubricTrial
from judging.selectors import rubric_trials as selectors
from judging.services.rubric_trials import TrialRefused, trial_accepted
from studio.access import audit
from studio.pipelines.rubric_drafts import draft_open, draft_write_rubric


def accept(*, actor: User, trial: RubricTrial) -> str:
    """Put the wording of ``trial`` into the rubric's draft, which is begun where there is none; returns the rubric's slug.

    Raises TrialRefused, and RubricConflict where somebody saves the draft at that moment.
    """
    proposal = selectors.proposal_of(trial)
    if trial.criterion is None or proposal is None:
        raise TrialRefused("There is no wording yet that could be accepted.")
    if trial.accepted:
        raise TrialRefused("It was accepted already: it stands in the draft, unless somebody changed that since.")
    rubric_row = trial.published.rubric
    with audit.change(actor, "rubrics.edit", "rubric", rubric_row.slug, rubric_row.name, note=f"wording of trial {trial.pk} accepted"):
        draft = draft_open(actor=actor, slug=rubric_row.slug)
        rubric, _findings = read_draft(draft.text, draft.slug)
        if rubric is None:
            raise TrialRefused("The draft has errors. Mend them, then accept the wording.")
        slug = trial.criterion.slug
        if all(criterion.id != slug for criterion in rubric.criteria):
            raise TrialRefused(f"The draft asks nothing called {slug} any more. Put it back, then accept the wording.")
        criteria = [reworded(criterion, proposal) if criterion.id == slug else criterion for criterion in rubric.criteria]
        draft_write_rubric(actor=actor, draft=draft, rubric=msgspec.structs.replace(rubric, criteria=criteria), version=draft.version)
        trial_accepted(trial_id=trial.pk, by=actor.get_username(), now=timezone.now())
    return rubric_row.slug

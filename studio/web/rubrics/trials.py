"""Trials of rubrics by model judges: asking for one, cost first; how far it is; what it found; accepting a wording."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from judging.engine import rubric_diff
from judging.models import RubricTrial
from judging.selectors import rubric_trials as selectors
from judging.selectors.rubric_drafts import draft_of
from judging.selectors.worksheets import criterion_get
from judging.services.rubric_drafts import RubricRefused
from judging.services.rubric_trials import TrialRefused
from studio.access.blindness import hidden_episodes
from studio.access.doors import allow, found, person, require
from studio.pipelines import rubric_trials as pipeline
from studio.pipelines.accepting import accept as accept_wording
from studio.pipelines.launching import millionths
from studio.pipelines.trial_plans import Plan, plan_draft, plan_wording
from studio.web.areas import tabs
from studio.web.review.tabs import TABS
from studio.web.rubrics.trial import TRIAL_STATES, chosen_of, lines_of
from studio.web.rubrics.trial_forms import BudgetForm, TrialForm, WordingForm
from studio.web.rubrics.words import named
from studio.web.runs.fragments import is_fragment


@allow("rubrics.edit")
@require_POST
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """``/rubrics/<slug>/draft/try/start/``: try the draft with a model judge."""
    require(request, "judgements.view")
    row, form = found(draft_of(slug)), TrialForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a model that is to judge, or several as a panel."))
        return redirect("rubrics:try", slug)
    try:
        plan = plan_draft(
            draft=row,
            judges=form.cleaned_data["judges"],
            hidden=set(hidden_episodes(person(request))),
            number=form.cleaned_data["number"],
        )
        made = pipeline.trial_ask(actor=person(request), plan=plan, budget=form.budget_given)
    except TrialRefused as refused:
        messages.error(request, str(refused))
        return redirect("rubrics:try", slug)
    return redirect("rubrics:trial", made.pk)


@allow("rubrics.edit")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def rewording(request: HttpRequest, criterion_id: int) -> HttpResponse:
    """``/rubrics/rewording/<criterion>/``: with ``ask`` it tells what another wording costs; POST begins."""
    require(request, "review.adjudicate")
    criterion = found(criterion_get(criterion_id))
    asked = request.POST if request.method == "POST" else request.GET if "ask" in request.GET else None
    form = WordingForm(asked)
    plan: Plan | None = None
    if asked is not None and form.is_valid():
        try:
            given = {name: form.cleaned_data[name] for name in ("author", "judges")}
            plan = plan_wording(criterion=criterion, viewer_id=person(request).pk, **given)
            if request.method == "POST":
                made = pipeline.trial_ask(actor=person(request), plan=plan, budget=form.budget_given)
                return redirect("rubrics:trial", made.pk)
        except TrialRefused as refused:
            form.add_error(None, str(refused))
    context = {
        "tabs": tabs(request, TABS),
        "crumbs": _crumbs(criterion.pk),
        "criterion": criterion,
        "form": form,
        "said": plan.estimate if plan else None,
        "chosen": chosen_of(form, asked),
        "jobs": [(job, TRIAL_STATES[job.status]) for job in selectors.trials(criterion=criterion.pk)],
    }
    return render(request, "rubrics/rewording.html", context, status=422 if form.errors else 200)


@allow("rubrics.edit")
@never_cache
@require_safe
def trial(request: HttpRequest, trial_id: int) -> HttpResponse:
    """``/rubrics/trials/<n>/``: how far it is, and what it found."""
    require(request, "judgements.view")
    job = found(selectors.trial_get(trial_id))
    hidden = set(hidden_episodes(person(request)))
    context = {**_progress(job), "tabs": tabs(request, TABS), "rubric": job.published.rubric}
    if job.criterion:
        context |= {"crumbs": _crumbs(job.criterion.pk), **_wording(job, hidden)}
    else:
        rubric = job.published.rubric
        crumbs = [(_("Rubrics"), reverse("rubrics:index")), (rubric.name, reverse("rubrics:rubric", args=[rubric.slug]))]
        draft = draft_of(rubric.slug)
        context |= {
            "crumbs": crumbs,
            **lines_of(selectors.tried_by(job, hidden=hidden)),
            "moved_on": not draft or draft.version != job.draft,
        }
    return render(request, "rubrics/trial.html", context)


def _wording(job: RubricTrial, hidden: set[int]) -> dict[str, Any]:
    proposal = selectors.proposal_of(job)
    if proposal is None:
        return {"proposal": None}
    rows = selectors.settled_by(job, hidden=hidden)
    old, new = (rubric_diff.told(criterion) for criterion in (selectors.old_criterion(job), selectors.new_criterion(job)))
    fields = [rubric_diff.Field(name, rubric_diff.words(old[name], new[name])) for name in new if old[name] != new[name]]
    counts = {word: sum(row.settles == word for row in rows) for word in ("yes", "no", "unknown")}
    return {"proposal": proposal, "rows": rows, "counts": counts, "fields": named(fields)}


@allow("rubrics.edit")
@require_safe
def progress(request: HttpRequest, trial_id: int) -> HttpResponse:
    """How far it is; when it has ended, the page comes anew with what it found."""
    job = found(selectors.trial_get(trial_id))
    if not is_fragment(request):
        return redirect("rubrics:trial", trial_id)
    context = _progress(job)
    if context["moving"]:
        return render(request, "rubrics/trial_progress.html", context)
    return HttpResponse(headers={"HX-Refresh": "true"})


@allow("rubrics.edit")
@require_POST
def cancel(request: HttpRequest, trial_id: int) -> HttpResponse:
    """End it early."""
    job = found(selectors.trial_get(trial_id))
    try:
        pipeline.cancel(actor=person(request), trial=job)
    except TrialRefused as refused:
        messages.error(request, str(refused))
    return redirect("rubrics:trial", trial_id)


@allow("rubrics.edit")
@require_POST
def resume(request: HttpRequest, trial_id: int) -> HttpResponse:
    """Go on, with another budget where one is given."""
    job, form = found(selectors.trial_get(trial_id)), BudgetForm(request.POST)
    try:
        if not form.is_valid():
            raise TrialRefused(_("The budget is no amount of money."))
        pipeline.resume(actor=person(request), trial=job, budget=millionths(form.cleaned_data["budget"]))
    except TrialRefused as refused:
        messages.error(request, str(refused))
    return redirect("rubrics:trial", trial_id)


@allow("rubrics.edit")
@require_POST
def accept(request: HttpRequest, trial_id: int) -> HttpResponse:
    """Put the wording into the rubric's draft."""
    job = found(selectors.trial_get(trial_id))
    try:
        slug = accept_wording(actor=person(request), trial=job)
    except (TrialRefused, RubricRefused) as refused:
        messages.error(request, str(refused))
        return redirect("rubrics:trial", trial_id)
    messages.success(request, _("The wording stands in the draft. It counts once the draft is published."))
    return redirect("rubrics:draft", slug)


def _progress(job: RubricTrial) -> dict[str, Any]:
    done, errors = selectors.done_of(job)
    moving = job.status in {"queued", "working"}
    return {"job": job, "state": TRIAL_STATES[job.status], "moving": moving, "done": done, "errors": errors, "whole": len(job.episodes)}


def _crumbs(criterion_id: int) -> list[tuple[str, str]]:
    return [
        (_("Review"), reverse("review:index")),
        (_("Questions"), reverse("review:questions")),
        (_("Worksheet"), reverse("review:worksheet", args=[criterion_id])),
    ]

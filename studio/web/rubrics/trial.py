"""Trying a draft on past episodes before it is published."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from judging.engine.rubric_lint import read_draft
from judging.engine.rubric_trial import flips
from judging.models import RubricDraft
from judging.selectors.rubric_drafts import draft_of, newest_of
from judging.selectors.rubric_trial import Tried, tried
from judging.selectors.rubric_trials import trials
from judging.services.rubric_trials import TrialRefused
from studio.access.blindness import hidden_episodes
from studio.access.doors import allow, found, person, require
from studio.pipelines.trial_plans import plan_draft
from studio.web.rubrics.trial_forms import TrialForm
from studio.web.rubrics.write import edit_frame, reading

STATES = (True, False, None)
TRIAL_STATES = {
    "queued": ("", gettext_lazy("waiting")),
    "working": ("accent", gettext_lazy("asking")),
    "stopped": ("warn", gettext_lazy("stands still")),
    "done": ("good", gettext_lazy("done")),
    "cancelled": ("warn", gettext_lazy("ended early")),
    "failed": ("bad", gettext_lazy("failed")),
}


class Cell(NamedTuple):
    """One criterion of one episode: before, now, what people said; whether it moved, and whether nobody was asked."""

    slug: str
    old: float | None
    new: float | None
    people: int | None
    moved: bool
    open: bool


@allow("rubrics.edit")
@never_cache
@require_safe
def trial(request: HttpRequest, slug: str) -> HttpResponse:
    """``/rubrics/<slug>/draft/try/``: old and new scores side by side. Computed from stored checks at once: it costs nothing."""
    require(request, "judgements.view")
    row = found(draft_of(slug))
    context: dict[str, Any] = {**edit_frame(request, row), **reading(row)}
    rubric, _findings = read_draft(row.text, row.slug)
    published = newest_of(slug)
    context["readable"] = rubric is not None
    if rubric is not None and published is not None:
        lines = tried(rubric, published, hidden=set(hidden_episodes(person(request))))
        context |= lines_of(lines) | {
            "by_checks": sum(c.answered_by == "check" for c in rubric.criteria),
            "by_judges": sum(c.answered_by == "judge" for c in rubric.criteria),
            "left_open": sorted({name for line in lines for name in line.new.open}),
        }
        context |= _with_model(request, row)
    return render(request, "rubrics/try.html", context)


def lines_of(lines: Sequence[Tried]) -> dict[str, Any]:
    """What ``rubrics/tried.html`` shows: who passes before and now, and episode by episode what moved."""
    counts = flips((line.old, line.new) for line in lines)
    matrix = [(before, [(now, counts.get((before, now), 0), before is not now) for now in STATES]) for before in STATES]
    return {"lines": [(line, _cells(line)) for line in lines], "matrix": matrix}


def _with_model(request: HttpRequest, row: RubricDraft) -> dict[str, Any]:
    """The same with a model judge: a form, what the choice would cost, and the trials so far."""
    asked = request.GET if "ask" in request.GET else None
    form, plan = TrialForm(asked), None
    if asked is not None and form.is_valid():
        try:
            hidden = set(hidden_episodes(person(request)))
            plan = plan_draft(draft=row, judges=form.cleaned_data["judges"], hidden=hidden, number=form.cleaned_data["number"])
        except TrialRefused as refused:
            form.add_error(None, str(refused))
    jobs = [(job, TRIAL_STATES[job.status]) for job in trials(rubric=row.slug, drafts=True)]
    return {"form": form, "said": plan.estimate if plan else None, "chosen": chosen_of(form, asked), "jobs": jobs}


def chosen_of(form: TrialForm, asked: QueryDict | None) -> list[tuple[str, str]]:
    """What was chosen, for the form that says yes to it."""
    return [(name, value) for name in form.fields for value in (asked.getlist(name) if asked is not None else [])]


def _cells(line: Tried) -> list[Cell]:
    """The criteria that moved, that nobody was asked, or that people answered otherwise than the draft."""
    cells = []
    for slug in dict.fromkeys([*line.new.values, *line.new.open, *line.old.values]):
        old, new, people = line.old.values.get(slug), line.new.values.get(slug), line.people.get(slug)
        cell = Cell(slug, old, new, people, old != new, slug in line.new.open)
        if cell.moved or cell.open or (people is not None and new is not None and round(new) != people):
            cells.append(cell)
    return cells

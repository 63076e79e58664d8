"""Asking for it: choose, see what it costs, then say yes."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from judging.engine.judges.spec import JudgeSpec
from judging.selectors.rejudging import rejudgings
from judging.services.rejudging import RejudgingError
from studio.access.doors import allow, found, person
from studio.pipelines.judge_choice import judge_for
from studio.pipelines.rejudge_estimate import Estimate, estimate
from studio.pipelines.rejudging import rejudge_ask
from studio.web.rejudging.forms import AgainForm
from synthesis.selectors import runs
from synthesis.services.run_error import RunError

SHOWN = 20
FIELDS = {"--judges": "judges", "--rubric": "rubric"}


@allow("judgements.rejudge")
@require_http_methods(["GET", "HEAD", "POST"])
def again(request: HttpRequest, run_id: int) -> HttpResponse:
    """``/rejudging/runs/<n>/``: with ``ask`` it tells what the choice costs; POST begins."""
    run = found(runs.run_get(run_id))
    asked = request.POST if request.method == "POST" else request.GET if "ask" in request.GET else None
    form = AgainForm(run, asked)
    spec, said = None, None
    if asked is not None and form.is_valid():
        spec, said = _said(form, run)
    if request.method == "POST" and spec and said:
        try:
            job = rejudge_ask(actor=person(request), run=run, spec=spec, filters=form.filters(), said=said)
            return redirect("rejudging:one", job.pk)
        except RejudgingError as error:
            form.add_error(None, str(error))
    context = {
        "run": run,
        "form": form,
        "said": said,
        "chosen": [(name, value) for name in form.fields for value in (asked.getlist(name) if asked else [])],
        "jobs": rejudgings(run=run.pk, limit=SHOWN),
        "crumbs": [(_("Runs"), reverse("runs:index")), (f"{_('Run')} {run.pk}", reverse("runs:run", args=[run.pk]))],
    }
    return render(request, "rejudging/again.html", context, status=422 if form.errors else 200)


def _said(form: AgainForm, run: Any) -> tuple[JudgeSpec | None, Estimate | None]:
    try:
        spec = judge_for(judges=form.cleaned_data["judges"], rubric=form.cleaned_data["rubric"], domains=list(run.releases))
    except RunError as error:
        form.add_error(FIELDS.get(error.place), f"{error.problem}. {error.remedy}")
        return None, None
    return spec, estimate(run=run, spec=spec, filters=form.filters())

"""What a rule would keep, at once; and making a dataset of it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from judging.engine.filters import Rule
from judging.selectors.what_if import what_if
from judging.services import DatasetError, ExportError
from studio.access.doors import allow, person, require
from studio.pipelines.exports import dataset_make
from studio.pipelines.meant import foresee
from studio.web.charts import histogram
from studio.web.datasets.forms import MakeForm, RuleForm, runs_offered
from studio.web.datasets.labels import gates_of, mixes_of

ASKED = "asked"


@allow("datasets.view")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """``/datasets/new/``: the rule, and what it would keep of the chosen runs. htmx gets the answer alone. POST makes the dataset."""
    said = request.POST if request.method == "POST" else request.GET
    offered = runs_offered(said.getlist("runs"))
    form = RuleForm(_filled(said, [str(run.pk) for run in offered if not run.options.get("fork")]), offered)
    context: dict[str, Any] = {"form": form, "offered": offered, "crumbs": [(_("Datasets"), reverse("datasets:index"))]}
    context["make"] = MakeForm(request.POST if request.method == "POST" else None, initial={"formats": ["openai"]})
    if request.method == "POST":
        require(request, "datasets.edit")
        made = _make(request, form, context["make"])
        if made is not None:
            return made
    if form.is_valid():
        context |= _answer(form)
    if request.headers.get("HX-Request") == "true" and request.method == "GET":
        return render(request, "datasets/answer.html", context)
    return render(request, "datasets/new.html", context, status=422 if request.method == "POST" else 200)


def _filled(said: QueryDict, offered: list[str]) -> QueryDict:
    """What was said, with the newest run and the usual threshold where a link says nothing of them. The form says ``ASKED``, so that no run
    chosen in it is told from no run named."""
    filled = said.copy()
    if "runs" not in filled and ASKED not in filled and offered:
        filled.setlist("runs", offered[:1])
    filled.setdefault("threshold", "4.5")
    filled.setdefault("alike", str(Rule().alike))
    return filled


def _answer(form: RuleForm) -> dict[str, Any]:
    rule = form.rule()
    found_out = what_if(runs=form.runs_chosen(), rule=rule)
    return {
        "rule": rule,
        "foreseen": foresee(form.runs_chosen(), rule) if rule.meaning else None,
        "tally": found_out.tally,
        "gates": gates_of(found_out.tally.counts()["gates"]),
        "mixes": mixes_of(found_out.mix),
        "bars": histogram(found_out.kept, found_out.removed, rule.threshold),
        "unscored": found_out.unscored,
        "said": [(name, value) for name, values in form.said.lists() if name in form.fields for value in values],
    }


def _make(request: HttpRequest, form: RuleForm, make: MakeForm) -> HttpResponse | None:
    """The way to the dataset's making, or None when something is to be mended."""
    if not (make.is_valid() and form.is_valid()):
        return None
    wanted = make.cleaned_data
    try:
        job = dataset_make(actor=person(request), name=wanted["name"], runs=form.runs_chosen(), rule=form.rule(), formats=wanted["formats"])
    except DatasetError as error:
        make.add_error("name", str(error))
    except ExportError as error:
        make.add_error(None, str(error))
    else:
        messages.success(request, _("The dataset is being made."))
        return redirect("datasets:job", job.pk)
    return None

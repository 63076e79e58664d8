"""How faithfully models simulate the tools of a domain: what was measured, and asking for more once it is clear what it costs."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from studio.access.doors import allow, found, person
from studio.pipelines.fidelity import foresee, lines, measure, measured_of
from studio.web.catalogue.frame import domain_frame
from studio.web.paging import page_of, read_cursor
from synthesis.models import ModelEndpoint
from synthesis.selectors import endpoints, fidelity, lists
from synthesis.selectors.browse import newest_release
from synthesis.services.fidelity import MOST_CALLS, FidelityRefused

SIZE = 30
USUAL = 100
"""Calls of a measurement, unless somebody says otherwise."""


class MeasureForm(forms.Form):
    """What to measure: one endpoint with so many calls."""

    endpoint = forms.ChoiceField(label=gettext_lazy("Model"))
    calls = forms.IntegerField(label=gettext_lazy("Calls"), min_value=1, max_value=MOST_CALLS, initial=USUAL)

    def __init__(self, data: object, able: list[ModelEndpoint]) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.fields["endpoint"].choices = [(row.slug, f"{row.slug} ({row.model})") for row in able]  # type: ignore[attr-defined]
        self.fields["endpoint"].initial = endpoints.default_cast().get("tool")


@allow("catalogue.view")
@require_safe
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """``/catalogue/domains/<slug>/fidelity/``: reports, newest first; with ``endpoint`` and ``calls`` what a new one would cost."""
    domain, release = found(lists.domain(slug)), newest_release(slug)
    cursor = read_cursor(request, int)
    after = int(cursor[0]) if cursor else None
    able = list(endpoints.for_purpose("tool"))
    form = MeasureForm(request.GET if "endpoint" in request.GET else None, able)
    foreseen = None
    if form.is_bound and form.is_valid() and release is not None:
        row = found(endpoints.endpoint_get(form.cleaned_data["endpoint"]))
        foreseen = foresee(release, row, form.cleaned_data["calls"])
    rows = fidelity.reports(domain=slug, after=after, limit=SIZE + 1)
    page = page_of(rows, SIZE, lambda row: (row.pk,), first=after is None)
    shown = [(report, lines(report)[0]) for report in page.items]
    context = {"release": release, "form": form, "able": able, "foreseen": foreseen, "page": page, "shown": shown}
    return render(request, "catalogue/fidelity.html", {**domain_frame(request, domain), **context})


@allow("catalogue.measure")
@require_POST
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """``/catalogue/domains/<slug>/fidelity/start/``: ask for a measurement."""
    found(lists.domain(slug))
    form = MeasureForm(request.POST, list(endpoints.for_purpose("tool")))
    if not form.is_valid():
        messages.error(request, _("Choose a model that may play tools, and a number of calls."))
        return redirect("catalogue:fidelity", slug)
    try:
        report = measure(actor=person(request), domain=slug, endpoint=form.cleaned_data["endpoint"], calls=form.cleaned_data["calls"])
    except FidelityRefused as refused:
        messages.error(request, str(refused))
        return redirect("catalogue:fidelity", slug)
    return redirect("catalogue:fidelity_report", slug, report.pk)


@allow("catalogue.view")
@require_safe
def report(request: HttpRequest, slug: str, report_id: int) -> HttpResponse:
    """``/catalogue/domains/<slug>/fidelity/<id>/``: one report; asks for itself again while it is measured."""
    domain = found(lists.domain(slug))
    shown = found(fidelity.report(report_id))
    if shown.release.domain_id != domain.pk:
        return redirect("catalogue:fidelity_report", shown.release.domain.slug, report_id)
    everything, *tools = lines(shown)
    context = {"report": shown, "everything": everything, "tools": tools, "usage": measured_of(shown).usage}
    name = "catalogue/fidelity_panel.html" if request.headers.get("HX-Request") else "catalogue/fidelity_report.html"
    return render(request, name, {**domain_frame(request, domain), **context})

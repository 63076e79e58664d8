"""Endpoints: the list, one of them, writing one, its self-check."""

from typing import Any, NamedTuple

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studio.access.doors import allow, found, person
from studio.pipelines import endpoints as pipeline
from studio.web.areas import tabs
from studio.web.models.forms import EndpointForm, initial_of, refusal_words
from studio.web.models.frame import TABS, money
from studio.web.models.words import CHECK_ERRORS, CODES, OPTIONAL, PRESETS, PROBES, ROLES, SCHEMAS, WORKS, Preset, providers
from synthesis.engine.chat.probes import Finding
from synthesis.engine.chat.profiles import PROFILES, Profile
from synthesis.models import EndpointCheck, ModelEndpoint
from synthesis.selectors import endpoints, usage
from synthesis.selectors.usage import Took
from synthesis.services.endpoints import EndpointRefused


class Row(NamedTuple):
    """An endpoint of the list: its state as (kind, word), roles, what it gave today and what that cost."""

    endpoint: ModelEndpoint
    state: tuple[str, str | Promise]
    roles: list[str | Promise]
    took: Took
    cost: str


class Found(NamedTuple):
    """A finding in words: of what, (kind, word) of whether it works, and why."""

    finding: Finding
    name: str | Promise
    works: tuple[str, str | Promise]
    words: str | Promise


@allow("models.view")
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """``/models/``: every endpoint with its state, what it gave today and what that cost."""
    now = timezone.now()
    rows, today = endpoints.endpoints(), usage.of_day(now.date())
    lines = [
        Row(
            row,
            state_of(row, now.timestamp()),
            [ROLES[role] for role in endpoints.PURPOSES if role in row.purposes],
            today.get(row.pk, Took()),
            money(today.get(row.pk, Took()).cost, row.currency),
        )
        for row in rows
    ]
    presets = [(name, profile.label, PRESETS.get(name)) for name, profile in providers().items()]
    context = {"tabs": tabs(request, TABS), "lines": lines, "presets": presets, "profiles": PROFILES}
    return render(request, "models/index.html", context)


def state_of(row: ModelEndpoint, now: float) -> tuple[str, str | Promise]:
    """How an endpoint is, as (kind of badge, word): what stands in the way first."""
    if not row.active:
        return "", _("out of use")
    traffic = getattr(row, "traffic", None)
    if traffic is not None and traffic.open_until > now * 1_000_000:
        return "bad", _("does not answer: left alone for %(seconds)d s") % {"seconds": traffic.open_until / 1_000_000 - now + 1}
    if row.checked is None:
        return "note", _("not checked")
    wrong = [finding for finding in row.checked.get("findings", []) if finding["works"] == "no" and finding["name"] not in OPTIONAL]
    return ("warn", _("checked, with gaps")) if wrong else ("good", _("checked"))


@allow("models.view")
@require_safe
def endpoint(request: HttpRequest, slug: str) -> HttpResponse:
    """``/models/<slug>/``: how it is asked, what it supports, what it gave in all."""
    row = found(endpoints.endpoint_get(slug))
    now = timezone.now()
    profile = PROFILES.get(row.provider, PROFILES["other"])
    context = _check_context(row) | {
        "state": state_of(row, now.timestamp()),
        "roles": [ROLES[role] for role in endpoints.PURPOSES if role in row.purposes],
        "profile": profile,
        "expects": expectations(profile),
        "prices": [
            (_("Prompt"), money(row.price_prompt, row.currency)),
            (_("Answer"), money(row.price_completion, row.currency)),
            (_("Prompt from the cache"), money(row.price_cached, row.currency) or _("as the prompt")),
        ],
        "parameters": msgspec.json.format(msgspec.json.encode(row.parameters)).decode() if row.parameters else "",
        "took": usage.of_day(now.date()).get(row.pk, Took()),
        "cost": money(usage.of_day(now.date()).get(row.pk, Took()).cost, row.currency),
        "crumbs": [(_("Models"), reverse("models:index"))],
    }
    return render(request, "models/endpoint.html", context)


def expectations(profile: Profile) -> list[tuple[str, str | Promise]]:
    """What is expected of a provider, for people who choose one."""
    low, high = profile.temperature
    return [
        (_("Answers are bound"), SCHEMAS[profile.schema]),
        (_("Temperature"), f"{low:g} – {high:g}"),
        (_("Several calls in one turn"), _("can be asked for") if profile.parallel else _("left to the model")),
        (_("Tokens of streams"), _("counted") if profile.stream_usage else _("estimated")),
    ]


@allow("models.edit")
@never_cache
@sensitive_post_parameters("key")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """``/models/new/``: add one; ``?preset=<provider>`` begins with what is usual there."""
    name = request.GET.get("preset", "openai")
    name = name if name in PROFILES else "other"
    form = EndpointForm(request.POST if request.method == "POST" else None, initial=_begun(name))
    if form.is_valid():
        data = form.cleaned_data
        try:
            row = pipeline.endpoint_save(actor=person(request), slug=data["slug"], facts=form.facts(), key=data["key"], new=True)
        except EndpointRefused as refused:
            form.blame(refused)
        else:
            messages.success(request, _("%(name)s is there. Check it before it is cast.") % {"name": row.slug})
            return redirect("models:endpoint", row.slug)
    return _written(request, form, name)


@allow("models.edit")
@never_cache
@sensitive_post_parameters("key")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """``/models/<slug>/edit/``: change it. The key is not shown: empty keeps it, another base URL forgets it."""
    row = found(endpoints.endpoint_get(slug))
    form = EndpointForm(request.POST if request.method == "POST" else None, initial=initial_of(row), row=row)
    if form.is_valid():
        data = form.cleaned_data
        clear = bool(data.get("clear_key"))
        try:
            saved = pipeline.endpoint_save(
                actor=person(request), slug=slug, facts=form.facts(), key=data["key"], new=False, clear_key=clear
            )
        except EndpointRefused as refused:
            form.blame(refused)
        else:
            messages.success(request, _("%(name)s is saved.") % {"name": slug})
            if row.key and not saved.key and not clear:
                messages.warning(request, _("The base URL is another, so the stored key was forgotten. Enter the key of the new place."))
            return redirect("models:endpoint", slug)
    return _written(request, form, row.provider, row)


def _begun(provider: str) -> dict[str, Any]:
    """What a new endpoint begins with: it may be used for everything until somebody narrows it."""
    return {"provider": provider, "base_url": _preset(provider).base_url, "purposes": list(endpoints.ROLES)}


def _written(request: HttpRequest, form: EndpointForm, provider: str, row: ModelEndpoint | None = None) -> HttpResponse:
    crumbs = [(_("Models"), reverse("models:index"))]
    if row is not None:
        crumbs.append((row.slug, reverse("models:endpoint", args=[row.slug])))
    context = {
        "form": form,
        "row": row,
        "preset": _preset(provider),
        "provider": provider,
        "presets": [(name, profile.label) for name, profile in providers().items()],
        "expects": expectations(PROFILES.get(provider, PROFILES["other"])),
        "crumbs": crumbs,
    }
    return render(request, "models/form.html", context, status=422 if form.errors else 200)


def _preset(name: str) -> Preset:
    return PRESETS.get(name, PRESETS["other"])


@allow("models.edit")
@require_POST
def active(request: HttpRequest, slug: str) -> HttpResponse:
    """Let new calls go to it (``active=yes``), or not."""
    found(endpoints.endpoint_get(slug))
    pipeline.endpoint_set_active(actor=person(request), slug=slug, active=request.POST.get("active") == "yes")
    return redirect("models:endpoint", slug)


@allow("models.edit")
@require_POST
def delete(request: HttpRequest, slug: str) -> HttpResponse:
    """Remove one that was never used in earnest."""
    found(endpoints.endpoint_get(slug))
    try:
        pipeline.endpoint_remove(actor=person(request), slug=slug)
    except EndpointRefused as refused:
        messages.error(request, refusal_words(refused))
        return redirect("models:endpoint", slug)
    messages.success(request, _("%(name)s is removed.") % {"name": slug})
    return redirect("models:index")


@allow("models.edit")
@require_POST
def check(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for a self-check; the page tells how far it is."""
    row = found(endpoints.endpoint_get(slug))
    pipeline.check_ask(actor=person(request), endpoint=row)
    return redirect("models:endpoint", slug)


@allow("models.view")
@require_safe
def check_panel(request: HttpRequest, slug: str) -> HttpResponse:
    """``/models/<slug>/check/``: how far the newest self-check is; a fragment that asks again until it is over."""
    row = found(endpoints.endpoint_get(slug))
    name = "models/check_panel.html" if request.headers.get("HX-Request") == "true" else "models/check.html"
    context = _check_context(row) | {"crumbs": [(_("Models"), reverse("models:index")), (slug, reverse("models:endpoint", args=[slug]))]}
    answer = render(request, name, context)
    if not (context["job"] and context["job"].open):
        # Over: what stands around the panel is of before.
        answer["HX-Refresh"] = "true"
    return answer


def _check_context(row: ModelEndpoint) -> dict[str, Any]:
    """The newest check of an endpoint and what it found so far."""
    job = endpoints.check_newest(row)
    findings = msgspec.convert(job.findings, list[Finding]) if job else []
    stale = job is not None and job.status == "done" and row.checked is None
    return {
        "row": row,
        "job": job,
        "found": [_found(finding) for finding in findings],
        "problem": _problem(job),
        "stale": stale,
        "questions": len(PROBES),
    }


def _found(finding: Finding) -> Found:
    kind, word = WORKS[finding.works]
    if finding.works == "no" and finding.name in OPTIONAL:
        kind = "note"
    return Found(finding, PROBES.get(finding.name, finding.name), (kind, word), CODES.get(finding.code, ""))


def _problem(job: EndpointCheck | None) -> str | Promise:
    return CHECK_ERRORS.get(job.error, job.error) if job is not None and job.status == "failed" else ""

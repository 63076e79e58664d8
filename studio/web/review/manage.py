"""Queues as their managers see them: what is in them, who holds what, how they are filled."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from judging.models import ReviewQueue
from judging.selectors import review_overview as overview
from judging.selectors import reviews
from judging.selectors.adjudications import settled_lately
from judging.selectors.confirmations import answered_by, kept_of, progress_of
from judging.selectors.reviewer_cards import cards
from studio.access.doors import allow, found, person
from studio.access.members import member_named
from studio.access.permissions import can
from studio.pipelines import reviewing
from studio.web.areas import tabs
from studio.web.charts import Share, shares
from studio.web.paging import page_of, read_cursor
from studio.web.review.forecast import NUMBERS, Forecast, forecast, numbers_of
from studio.web.review.forms import AddForm, NewQueueForm, QueueForm
from studio.web.review.tabs import TABS

SIZE = 50


@allow("review.manage")
@require_safe
def manage(request: HttpRequest) -> HttpResponse:
    """``/review/manage/``: every queue, what is in it, how long it will take."""
    loads = [overview.load_of(queue) for queue in reviews.queues()]
    return render(request, "review/manage.html", {"tabs": tabs(request, TABS), "loads": loads})


@allow("review.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """``/review/manage/new/``: another queue."""
    form = NewQueueForm(request.POST if request.method == "POST" else None)
    if "reckon" not in request.POST and form.is_valid():
        settings = dict(form.cleaned_data)
        version = form.versions[settings.pop("rubric")]
        made = reviewing.queue_create(actor=person(request), version=version, mode=settings.pop("mode"), settings=settings)
        messages.success(request, _("The queue is there. Add episodes, or let runs send them."))
        return redirect("review:queue", made.slug)
    crumbs = [(_("Review"), reverse("review:index")), (_("Manage"), reverse("review:manage"))]
    context = {"form": form, "forecast": _forecast(form, overview.USUAL_MINUTES), "crumbs": crumbs}
    return render(request, "review/queue_new.html", context, status=422 if form.errors else 200)


@allow("review.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def queue(request: HttpRequest, slug: str) -> HttpResponse:
    """``/review/manage/<slug>/``: one queue; POST changes its settings."""
    wanted = found(reviews.queue_get(slug))
    form = QueueForm(request.POST if request.method == "POST" else None, initial=_settings(wanted))
    if "reckon" not in request.POST and form.is_valid():
        reviewing.queue_edit(actor=person(request), queue=wanted, changes=form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("review:queue", slug)
    return queue_page(request, wanted, form)


def _settings(wanted: ReviewQueue) -> dict[str, Any]:
    return {name: getattr(wanted, name) for name in QueueForm.base_fields}


def queue_page(request: HttpRequest, wanted: ReviewQueue, form: QueueForm | None = None, adding: AddForm | None = None) -> HttpResponse:
    """A queue with its forms, as they were filled in."""
    form = form or QueueForm(initial=_settings(wanted))
    adding = adding or AddForm()
    load, viewer = overview.load_of(wanted), person(request).pk
    cursor = read_cursor(request, int)
    after = int(cursor[0]) if cursor else None
    page = page_of(overview.held(wanted, after=after, limit=SIZE + 1), SIZE, lambda slot: (slot.pk,), first=after is None)
    states = (
        (_("done"), load.done, "good"),
        (_("started"), load.started, "accent"),
        (_("waiting"), load.waiting, ""),
        (_("broken"), load.broken, "warn"),
    )
    context = {
        "queue": wanted,
        "load": load,
        "bar": shares([(label, number, kind, "") for label, number, kind in states]),
        "forecast": _forecast(form, load.minutes),
        "ages": _ages(overview.ages_of(wanted, timezone.now())),
        "standing": overview.standing_of(wanted),
        **_confirming(wanted),
        "settled": settled_lately(viewer_id=viewer, queue_id=wanted.pk, limit=10),
        "week": overview.sealed_since(wanted, timezone.now()),
        "page": page,
        "cards": cards(queue=wanted),
        "broken": overview.broken(wanted, viewer_id=viewer),
        "declined": overview.declined(wanted, viewer_id=viewer),
        "form": form,
        "adding": adding,
        "crumbs": [(_("Review"), reverse("review:index")), (_("Manage"), reverse("review:manage"))],
    }
    return render(request, "review/queue.html", context, status=422 if form.errors or adding.errors else 200)


def _confirming(wanted: ReviewQueue) -> dict[str, Any]:
    """The sample of reworded criteria in the queue, where there is one."""
    found = progress_of(queue=wanted)
    if not found:
        return {"confirmations": []}
    return {"confirmations": found, "confirmed_by": answered_by(wanted), "kept": kept_of(wanted.rubric_version)}


def _forecast(form: QueueForm, minutes: float) -> Forecast | None:
    """Of what the form says, saved or not; None while its numbers are none."""
    values = numbers_of({name: str(form[name].value()) for name in NUMBERS})
    return forecast(values, minutes) if values else None


def _ages(ages: overview.Ages) -> list[Share]:
    parts = ((_("under a day"), ages.day, "good"), (_("1 to 3 days"), ages.days, "accent"), (_("3 to 7 days"), ages.week, "warn"))
    return shares([*((label, number, kind, "") for label, number, kind in parts), (_("longer"), ages.older, "bad", "")])


@allow("review.manage")
@require_POST
def give(request: HttpRequest, slot_id: int) -> HttpResponse:
    """Take a slot from its holder; with a user name in ``to``, give it to them."""
    slot = found(overview.slot_get(slot_id))
    name = request.POST.get("to", "").strip()
    to = _reviewer(name) if name else None
    if name and to is None:
        messages.error(request, _("Nobody called %(name)s may review.") % {"name": name})
    elif reviewing.slot_give(actor=person(request), slot=slot, to=to):
        messages.success(request, _("Given to %(name)s.") % {"name": name} if to else _("Freed. The draft stays with whoever wrote it."))
    else:
        messages.error(request, _("That cannot be: the item was theirs before, or it is sealed by now."))
    return redirect("review:queue", slot.item.queue.slug)


def _reviewer(name: str) -> User | None:
    member = member_named(name)
    return member.user if member and can(member.user, "review.score") else None


@allow("review.manage")
@require_POST
def reopen(request: HttpRequest, item_id: int) -> HttpResponse:
    """An item that somebody called broken waits for people again."""
    item = found(overview.item_get(item_id))
    reviewing.item_reopen(actor=person(request), item_id=item_id)
    return redirect("review:queue", item.queue.slug)

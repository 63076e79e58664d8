"""Sending episodes to people: from an episode, from a run, from the page of a queue."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from judging.models import ReviewQueue
from judging.selectors import reviews
from studio.access.doors import allow, found, person
from studio.pipelines import reviewing
from studio.web.review.forms import AddForm
from studio.web.review.manage import queue_page
from synthesis.selectors import episodes, runs

USUAL, MOST = 20, 1000
TOO_LARGE = 2**63


@allow("review.manage")
@require_POST
def send_episode(request: HttpRequest, episode_id: int) -> HttpResponse:
    """Send one episode to the first queue at work, or to the one named in ``queue``."""
    episode = found(episodes.episode_get(episode_id))
    queue = _queue(request)
    if queue is None:
        messages.error(request, _("There is no queue at work."))
    elif episode.status != "judged":
        messages.error(request, _("Only episodes that are over can be reviewed."))
    else:
        _told(request, queue, reviewing.send_episodes(actor=person(request), queue=queue, episode_ids=[episode_id]))
    return redirect("runs:episode", episode_id)


@allow("review.manage")
@require_POST
def send_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Send some episodes of a run, drawn at random: ``number`` of them."""
    run = found(runs.run_get(run_id))
    text = request.POST.get("number", "")
    number = min(int(text), MOST) if text.isascii() and text.isdigit() and len(text) < 10 else USUAL
    queue = _queue(request)
    if queue is None:
        messages.error(request, _("There is no queue at work."))
    else:
        _told(request, queue, reviewing.send_run(actor=person(request), queue=queue, run=run, number=number))
    return redirect("runs:run", run_id)


def _queue(request: HttpRequest) -> ReviewQueue | None:
    slug = request.POST.get("queue", "")
    return found(reviews.queue_get(slug)) if slug else next((queue for queue in reviews.queues() if queue.active), None)


def _told(request: HttpRequest, queue: ReviewQueue, sent: int) -> None:
    if sent:
        words = ngettext("%(n)d episode is sent to %(queue)s.", "%(n)d episodes are sent to %(queue)s.", sent)
        messages.success(request, words % {"n": sent, "queue": queue.name})
    else:
        messages.info(request, _("All of that is in %(queue)s already.") % {"queue": queue.name})


@allow("review.manage")
@require_POST
def add(request: HttpRequest, slug: str) -> HttpResponse:
    """From a queue's page: some episodes of a run, or episodes by number."""
    queue = found(reviews.queue_get(slug))
    form = AddForm(request.POST)
    if form.is_valid():
        if form.cleaned_data["run"]:
            _from_run(request, queue, form)
        else:
            _by_number(request, queue, form)
    if form.errors:
        return queue_page(request, queue, adding=form)
    return redirect("review:queue", slug)


def _from_run(request: HttpRequest, queue: ReviewQueue, form: AddForm) -> None:
    run = runs.run_get(form.cleaned_data["run"])
    if run is None:
        form.add_error("run", _("There is no such run."))
        return
    number = form.cleaned_data["number"] or USUAL
    _told(request, queue, reviewing.send_run(actor=person(request), queue=queue, run=run, number=number))


def _by_number(request: HttpRequest, queue: ReviewQueue, form: AddForm) -> None:
    numbers = [int(number) for number in form.cleaned_data["episodes"].replace(",", " ").split()]
    judged = [number for number in numbers if number < TOO_LARGE and _is_judged(number)]
    missing = sorted(set(numbers) - set(judged))
    if missing or not numbers:
        words = _("Not there, or not over yet: %(numbers)s.") % {"numbers": ", ".join(map(str, missing))}
        form.add_error("episodes", words if missing else _("Name a run or episodes."))
        return
    _told(request, queue, reviewing.send_episodes(actor=person(request), queue=queue, episode_ids=judged))


def _is_judged(episode_id: int) -> bool:
    episode = episodes.episode_get(episode_id)
    return episode is not None and episode.status == "judged"

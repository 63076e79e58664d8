"""Two episodes side by side."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from judging.selectors.judgements import overall_of
from studio.access.doors import allow, found, person
from studio.access.permissions import can
from studio.pipelines import comparing
from synthesis.models import Episode
from synthesis.selectors import episodes

MOST_ID = 2**31 - 1


@allow("episodes.view")
@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """``/runs/compare/?left=<id>&right=<id>``: their calls, aligned. ``&index=<n>`` instead of ``right`` is an episode of the left one's
    run; with ``left`` alone the page offers whom to compare with, without any how to get here.
    """
    crumbs = [(_("Runs"), reverse("runs:index"))]
    left = _episode(request.GET.get("left"))
    if left is None:
        return render(request, "episodes/compare.html", {"crumbs": crumbs})
    index = _number(request.GET.get("index"))
    right = _episode(request.GET.get("right")) or (found(episodes.episode_at(left.run_id, index)) if index is not None else None)
    crumbs.append((f"{_('Episode')} {left.index}", reverse("runs:episode", args=[left.pk])))
    others = episodes.plays_of(left.scenario_id, apart_from=left.pk) if left.scenario_id else []
    context: dict[str, Any] = {"left": left, "right": right, "others": others, "crumbs": crumbs}
    if right is not None:
        seen = [side.pk for side in (left, right) if can(person(request), "judgements.view", side.pk)]
        scores = overall_of(seen)
        rows = comparing.rows_of(left.pk, right.pk)
        context |= {
            "sides": [
                (name, side, side.pk in scores, scores.get(side.pk))
                for name, side in ((_("On the left"), left), (_("On the right"), right))
            ],
            "rows": rows,
            "alike": sum(not row.pair.parts for row in rows),
            "parting": any(row.first for row in rows),
            "same_scenario": left.scenario_id == right.scenario_id,
        }
    return render(request, "episodes/compare.html", context)


def _episode(text: str | None) -> Episode | None:
    """The episode of this id; None when none was given. 404 when there is no such one."""
    number = _number(text)
    return found(episodes.episode_get(number)) if number is not None else None


def _number(text: str | None) -> int | None:
    return min(int(text), MOST_ID) if text and text.isascii() and text.isdigit() and len(text) < 100 else None

"""Lists of scenarios, and the page of one: what is wanted, what is known, and its gold really replayed."""

from datetime import datetime
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from judging.selectors.verdicts import verdicts_of
from studio.access.blindness import hidden_episodes
from studio.access.doors import allow, found, person
from studio.access.permissions import can
from studio.pipelines import trials
from studio.pipelines.replaying import replay, story
from studio.web.areas import tabs
from studio.web.catalogue.frame import AREA_TABS, domain_frame
from studio.web.paging import page_of, read_cursor
from studio.web.rubrics.choose import choice_frame
from studio.web.scenarios.words import VARIATION_WORDS
from synthesis.engine.packs.model import Pack
from synthesis.engine.scenarios.scenario import VARIATIONS, Scenario
from synthesis.models import Scenario as ScenarioRow
from synthesis.selectors import lists, scenarios
from synthesis.selectors.catalog import packs_by_slug
from synthesis.services.desk import DeskTrouble

SIZE = 50
WORDS = ("domain", "variation", "intent")
DIFFICULTIES = range(1, 6)


def scenario_page(request: HttpRequest, slug: str = "") -> dict[str, Any]:
    """A page of the list, narrowed by the query string; ``slug`` narrows it to one domain."""
    given = {name: request.GET.get(name, "").replace("\x00", "").strip()[:100] for name in WORDS}
    difficulty = request.GET.get("difficulty", "")
    tells = can(person(request), "judgements.view")
    measured = request.GET.get("measured", "") if tells else ""
    hidden = hidden_episodes(person(request)) if tells else ()
    quarantined = request.GET.get("quarantined", "")
    cursor = read_cursor(request, str, str)
    after = (_moment(str(cursor[0])), str(cursor[1])) if cursor else None
    rows = scenarios.scenario_list(
        **{**given, "domain": slug or given["domain"]},
        difficulty=int(difficulty) if difficulty in map(str, DIFFICULTIES) else None,
        measured=int(measured) if measured in map(str, DIFFICULTIES) else None,
        without=hidden,
        quarantined={"yes": True, "no": False}.get(quarantined),
        after=(after[0], after[1]) if after and after[0] else None,
        limit=SIZE + 1,
    )
    page = page_of(rows, SIZE, lambda row: (row.created.isoformat(), row.digest), first=cursor is None)
    return {
        "page": page,
        "plays": scenarios.plays([row.digest for row in page.items]),
        "tells": tells,
        "untold": scenarios.scenarios_played(hidden),
        "given": {**given, "difficulty": difficulty, "measured": measured, "quarantined": quarantined},
        "variations": VARIATIONS,
        "difficulties": [str(number) for number in DIFFICULTIES],
    }


@allow("catalogue.view")
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """``/catalogue/scenarios/``: scenarios of all domains, newest first; ``domain``, ``variation``, ``intent``, ``difficulty``,
    ``measured`` (difficulty after results) and ``quarantined`` narrow the list.
    """
    return render(request, "scenarios/index.html", {"tabs": tabs(request, AREA_TABS), **scenario_page(request)})


@allow("catalogue.view")
@require_safe
def domain(request: HttpRequest, slug: str) -> HttpResponse:
    """``/catalogue/domains/<slug>/scenarios/``: the same of one domain."""
    row = found(lists.domain(slug))
    return render(request, "scenarios/domain.html", {**domain_frame(request, row), **scenario_page(request, slug)})


@allow("catalogue.view")
@require_safe
def scenario(request: HttpRequest, digest: str) -> HttpResponse:
    """``/catalogue/scenarios/<digest>/``: one scenario."""
    row: ScenarioRow = found(lists.scenario(digest))
    release = found(lists.release(row.release.digest))
    body, pack = msgspec.convert(row.body, Scenario), msgspec.convert(release.pack, Pack)
    context: dict[str, Any] = {
        "row": row,
        "domain": row.release.domain,
        "scenario": body,
        "story": story(body, pack),
        "means": VARIATION_WORDS.get(body.variation, ""),
        "checks": [rule for rule in pack.policy if rule.check],
        "trouble": "",
        **choice_frame(row),
        "crumbs": [
            (_("Catalogue"), reverse("catalogue:index")),
            (row.release.domain.name, reverse("catalogue:domain", args=[row.release.domain.slug])),
            (_("Scenarios"), reverse("scenarios:domain", args=[row.release.domain.slug])),
        ],
    }
    try:
        beside = [world.release for world in body.worlds if world.domain in body.domains[1:]]
        context["replay"] = replay(body, {pack.slug: pack, **(packs_by_slug(beside) if beside else {})})
    except DeskTrouble as trouble:
        context["trouble"] = trials.trouble_of(trouble)
    if can(person(request), "episodes.view"):
        episodes = scenarios.episodes_of(digest)
        tells = can(person(request), "judgements.view")
        hidden = set(hidden_episodes(person(request))) if tells else set()
        judged = verdicts_of({episode.pk for episode in episodes} - hidden) if tells else {}
        context["tells"] = tells and digest not in scenarios.scenarios_played(hidden)
        context["episodes"] = [(episode, judged.get(episode.pk)) for episode in episodes]
        context["shows_scores"] = tells
    return render(request, "scenarios/scenario.html", context)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None

"""The tool registry: the tools of the newest releases, how they are used, and what ties domains together."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models import Max, Q, QuerySet
from django.db.models.fields.json import KT

from synthesis.models import Domain, DomainRelation, Event, Release, Tool, ToolUse

USES_READ = 500
"""Newest episodes whose errors are added up by code."""
TEXTS = ("release__pack_text", "release__pack", "release__audit", "release__domain__pack_text")


class PastUse(NamedTuple):
    """A call of a tool in an episode."""

    episode: int
    seq: int
    call: str
    args: dict[str, Any]
    error: str


def _newest() -> QuerySet[Any]:
    return Release.objects.order_by().values("domain").annotate(newest=Max("pk")).values("newest")


def tools_newest(
    *,
    words: str = "",
    domain: str = "",
    effect: str = "",
    kind: str = "",
    side: str = "",
    status: str = "",
    after: tuple[str, int] | None = None,
    limit: int = 50,
) -> Sequence[Tool]:
    """Tools of every domain's newest release by name; "" filters nothing; one query."""
    rows = Tool.objects.filter(release_id__in=_newest()).select_related("release__domain").defer("parameters", "returns", *TEXTS)
    wanted = {"release__domain__slug": domain, "effect": effect, "kind": kind, "side": side, "status": status}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    if words:
        rows = rows.filter(Q(name__icontains=words) | Q(description__icontains=words))
    if after is not None:
        rows = rows.filter(Q(name__gt=after[0]) | Q(name=after[0], pk__gt=after[1]))
    return list(rows.order_by("name", "pk")[:limit])


def tool_named(digest: str, name: str) -> Tool | None:
    """The registry's row of a tool of the release with this digest, or None."""
    return Tool.objects.filter(release__digest=digest, name=name).first()


def tool_errors(tool_id: int) -> list[tuple[str, int]]:
    """Error codes of the tool's calls in the newest episodes that used it, the most frequent first."""
    counted: Counter[str] = Counter()
    for errors in ToolUse.objects.filter(tool_id=tool_id).order_by("-episode_id").values_list("errors", flat=True)[:USES_READ]:
        counted.update(errors)
    return counted.most_common()


def tool_past(tool_id: int, name: str, limit: int = 10) -> list[PastUse]:
    """The newest calls of a tool in episodes. ``name`` is what it is called when offered."""
    episodes = list(ToolUse.objects.filter(tool_id=tool_id).order_by("-episode_id").values_list("episode_id", flat=True)[:limit])
    results = Event.objects.filter(episode_id__in=episodes, kind="tool_result").values_list("episode_id", "call_id", "payload")
    errors = {(episode, call): str((payload.get("error") or {}).get("code", "")) for episode, call, payload in results}
    messages = Event.objects.filter(episode_id__in=episodes, kind="message").order_by("-episode_id", "seq")
    found = []
    for episode, seq, payload in messages.values_list("episode_id", "seq", "payload"):
        for call in payload.get("tool_calls") or []:
            if call.get("name") == name and isinstance(call.get("arguments"), dict):
                key = (episode, call.get("id"))
                found.append(PastUse(episode, seq, str(call.get("id")), call["arguments"], errors.get(key, "")))
    return found[:limit]


def ties(slug: str) -> list[DomainRelation]:
    """Ties of a domain to others and of others to it."""
    rows = DomainRelation.objects.select_related("domain", "other").defer("domain__pack_text", "other__pack_text")
    return list(rows.filter(Q(domain__slug=slug) | Q(other__slug=slug)).order_by("kind", "pk"))


def shared_tools(slug: str) -> dict[str, list[Domain]]:
    """Names of the domain's tools that tools of other domains have too (newest releases), with those domains."""
    mine = Tool.objects.filter(release_id__in=_newest(), release__domain__slug=slug).values("name")
    rows = Tool.objects.filter(release_id__in=_newest(), name__in=mine).exclude(release__domain__slug=slug)
    found: dict[str, list[Domain]] = {}
    for row in rows.select_related("release__domain").defer("parameters", "returns", *TEXTS).order_by("name", "pk"):
        found.setdefault(row.name, []).append(row.release.domain)
    return found


def categories() -> list[tuple[str, int]]:
    """Category paths with the number of their domains, in order."""
    counted = Counter(Domain.objects.values_list("category", flat=True))
    return sorted(counted.items())


def tools_named(words: str, limit: int = 20) -> list[Tool]:
    """Tools of the newest releases in whose name ``words`` occur."""
    rows = Tool.objects.filter(release_id__in=_newest(), name__icontains=words.replace(" ", "_"))
    return list(rows.select_related("release__domain").defer("parameters", "returns", *TEXTS).order_by("name", "pk")[:limit])


def intents_named(words: str, limit: int = 20) -> list[tuple[Domain, str]]:
    """Intents of the newest releases in whose id ``words`` occur, each with its domain."""
    needle = words.replace(" ", "_").casefold()
    rows = Release.objects.filter(pk__in=_newest()).annotate(intents=KT("audit__intents")).order_by("domain__slug")
    found = []
    for release in rows.select_related("domain").only("domain__slug", "domain__name").iterator():
        found += [(release.domain, name) for name in _names(release) if needle in name.casefold()]
        if len(found) >= limit:
            break
    return found[:limit]


def _names(release: Any) -> list[str]:
    return list(json.loads(release.intents or "{}"))

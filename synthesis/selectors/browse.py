"""The catalogue as people leaf through it: domains by category, and the newest release of one."""

from collections.abc import Sequence

from django.db.models import Count, Q

from synthesis.models import Domain, Release

Place = tuple[str, str]
"""Where a page of domains ends: category and slug of its last row."""


def domains_by_category(
    *, words: str = "", category: str = "", origin: str = "", status: str = "", after: Place | None = None, limit: int = 50
) -> Sequence[Domain]:
    """Domains by category and slug without their texts, each with ``release_count``; "" filters nothing; one query."""
    rows = Domain.objects.defer("pack_text").annotate(release_count=Count("releases"))
    if words:
        rows = rows.filter(Q(name__icontains=words) | Q(slug__icontains=words) | Q(description__icontains=words))
    if category:
        rows = rows.filter(category__startswith=category)
    if origin:
        rows = rows.filter(origin=origin)
    if status:
        rows = rows.filter(status=status)
    if after is not None:
        rows = rows.filter(Q(category__gt=after[0]) | Q(category=after[0], slug__gt=after[1]))
    return list(rows.order_by("category", "slug")[:limit])


def newest_release(slug: str) -> Release | None:
    """The newest release of a domain with its pack and audit, or None."""
    return release_numbered(slug, None)


def release_numbered(slug: str, number: int | None) -> Release | None:
    """Release ``number`` of a domain with its pack and audit (None: the newest), or None."""
    rows = Release.objects.select_related("domain").defer("pack_text", "domain__pack_text").filter(domain__slug=slug)
    return (rows if number is None else rows.filter(number=number)).order_by("-number").first()


def releases_audited(slug: str, *, after: int | None = None, limit: int = 50) -> Sequence[Release]:
    """Releases of a domain, newest first, with their audits and without their packs."""
    rows = Release.objects.filter(domain__slug=slug).defer("pack_text", "pack")
    return list((rows if after is None else rows.filter(number__lt=after)).order_by("-number")[:limit])

"""From which older versions a version of a rubric takes over labels, as was declared when it was published."""

from collections.abc import Mapping
from typing import NamedTuple

from judging.models import CriterionLink, Meaning, RubricVersion

CARRIED = (Meaning.SAME, Meaning.REWORDED)


class Origin(NamedTuple):
    """What a criterion of the version was called in an older one, and whether it was reworded since."""

    slug: str
    meaning: str


def origins(version: RubricVersion) -> dict[int, dict[str, Origin]]:
    """By older version (its key; newest first): {criterion there: criterion here}, of those whose labels carry over. One query."""
    links: dict[int, list[CriterionLink]] = {}
    rows = CriterionLink.objects.filter(version__rubric=version.rubric_id, version__number__lte=version.number, meaning__in=CARRIED)
    for link in rows.select_related("before", "after").order_by("-version__number", "pk"):
        links.setdefault(link.version_id, []).append(link)
    found: dict[int, dict[str, Origin]] = {}
    here: Mapping[str, Origin] | None = None
    at = version.pk
    while at in links:
        older: dict[str, Origin] = {}
        for link in links[at]:
            assert link.after is not None, "what carries over leads somewhere"
            known = Origin(link.after.slug, Meaning.SAME) if here is None else here.get(link.after.slug)
            if known is not None:
                reworded = Meaning.REWORDED in {known.meaning, link.meaning}
                older[link.before.slug] = Origin(known.slug, Meaning.REWORDED if reworded else Meaning.SAME)
        before = links[at][0].before.version_id
        if not older:
            break
        found[before] = older
        here, at = older, before
    return found

"""Drafts of rubrics."""

from judging.models import RubricDraft, RubricVersion


def draft_of(slug: str) -> RubricDraft | None:
    """The draft of a rubric, or None."""
    return RubricDraft.objects.select_related("based_on").filter(slug=slug).first()


def unpublished() -> list[RubricDraft]:
    """Drafts of rubrics that have no version yet."""
    known = RubricVersion.objects.values("rubric__slug")
    return list(RubricDraft.objects.exclude(slug__in=known).order_by("slug"))


def newest_of(slug: str) -> RubricVersion | None:
    """The newest version of a rubric, or None before the first."""
    return RubricVersion.objects.select_related("rubric").filter(rubric__slug=slug).order_by("-number").first()

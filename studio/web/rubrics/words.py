"""What parts of a criterion are called on pages."""

from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from judging.engine.rubric import Criterion
from judging.engine.rubric_diff import Field

FIELDS: dict[str, str | Promise] = {
    "name": gettext_lazy("Name"),
    "description": gettext_lazy("Description"),
    "question": gettext_lazy("Question"),
    "weight": gettext_lazy("Weight"),
    "hard": gettext_lazy("Hard or soft"),
    "applies when": gettext_lazy("Applies"),
    "evidence": gettext_lazy("Evidence"),
    "answered by": gettext_lazy("Answered by"),
    "caps": gettext_lazy("At most, when a check is broken"),
    "grades": gettext_lazy("Checks of degree"),
}
APPLIES: dict[str, str | Promise] = {
    "always": gettext_lazy("always"),
    "answerable": gettext_lazy("when the task can be done"),
    "unanswerable": gettext_lazy("when no is the right answer"),
    "calls": gettext_lazy("when tools are needed"),
}


class Shown(NamedTuple):
    """A criterion as it is shown: ``anchors`` from the best down; ``key`` and ``notes`` where it is published."""

    criterion: Criterion
    applies: str | Promise
    anchors: list[tuple[int, str]]
    share: int
    key: int | None = None
    notes: int = 0


def shown(criteria: list[Criterion], keys: dict[str, int] | None = None, notes: dict[int, int] | None = None) -> list[Shown]:
    """Criteria with their share of the whole weight in percent."""
    whole = sum(criterion.weight for criterion in criteria) or 1
    found = []
    for criterion in criteria:
        key = (keys or {}).get(criterion.id)
        anchors = sorted(criterion.scale.items(), reverse=True)
        applies = APPLIES[criterion.applies_when]
        share = round(100 * criterion.weight / whole)
        found.append(Shown(criterion, applies, anchors, share, key, (notes or {}).get(key or 0, 0)))
    return found


def field_name(field: Field) -> str:
    """What a part is called."""
    if field.name.startswith("anchor "):
        return _("Anchor %(value)s") % {"value": field.name.removeprefix("anchor ")}
    return str(FIELDS.get(field.name, field.name))


def named(fields: list[Field]) -> list[tuple[str, Any]]:
    """Parts with their names and pieces."""
    return [(field_name(field), field.pieces) for field in fields]

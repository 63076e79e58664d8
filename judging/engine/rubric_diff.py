"""What differs between two rubrics, criterion by criterion and word by word."""

import difflib
import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

from judging.engine.rubric import Criterion, Rubric

How = Literal["same", "added", "removed", "changed"]
WORD = re.compile(r"\s+|\w+|[^\w\s]")


class Piece(NamedTuple):
    """A stretch of words that both texts have, or only the newer (added) or only the older one (removed)."""

    how: Literal["same", "added", "removed"]
    text: str


class Field(NamedTuple):
    """A part of a criterion that differs: ``question``, ``anchor 5``, ``weight`` and so on, with its words."""

    name: str
    pieces: list[Piece]


class CriterionDiff(NamedTuple):
    """One criterion by its id; ``fields`` are those that differ, all of them where it was added or removed."""

    slug: str
    how: How
    fields: list[Field]


class RubricDiff(NamedTuple):
    """``head`` are name and description where they differ; ``criteria`` in the newer order, removed ones last."""

    head: list[Field]
    criteria: list[CriterionDiff]

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not self.head and all(criterion.how == "same" for criterion in self.criteria)


def words(old: str, new: str) -> list[Piece]:
    """The two texts as stretches of words, in reading order; what went stands before what came in its place."""
    before, after = WORD.findall(old), WORD.findall(new)
    found: list[Piece] = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Piece("same", "".join(before[i1:i2])))
            continue
        if i2 > i1:
            found.append(Piece("removed", "".join(before[i1:i2])))
        if j2 > j1:
            found.append(Piece("added", "".join(after[j1:j2])))
    return found


def told(criterion: Criterion) -> dict[str, str]:
    """A criterion as named texts, in the order in which it is read."""
    anchors = {f"anchor {value}": criterion.scale[value] for value in sorted(criterion.scale, reverse=True)}
    return {
        "question": criterion.question,
        **anchors,
        "weight": f"{criterion.weight:g}",
        "hard": f"hard, passes at {criterion.pass_at:g}" if criterion.hard else "soft",
        "applies when": criterion.applies_when,
        "evidence": "wanted" if criterion.evidence else "not wanted",
        "answered by": criterion.answered_by,
        "caps": ", ".join(f"{check} {cap:g}" for check, cap in sorted(criterion.caps.items())),
        "grades": ", ".join(criterion.grades),
    }


def compare(old: Rubric, new: Rubric) -> RubricDiff:
    """What makes ``old`` into ``new``. Criteria are the same where their ids are."""
    head = _fields({"name": old.name, "description": old.description}, {"name": new.name, "description": new.description})
    before, after = {c.id: c for c in old.criteria}, {c.id: c for c in new.criteria}
    return RubricDiff(head, [_one(slug, before.get(slug), after.get(slug)) for slug in [*after, *(s for s in before if s not in after)]])


def became(old: Rubric, new: Rubric, declared: Mapping[str, str]) -> dict[str, str]:
    """What became of every criterion of ``old`` where nobody is there to ask: ``same``, ``reworded``, ``new`` or ``removed``.

    It is the same where people read the same: weight, mark and bounds change what is made of an answer, not the answer. Otherwise it is
    what is ``declared`` of it; what nobody vouches for is new, so that no label counts for a question that it does not answer.
    """
    after = {criterion.id: criterion for criterion in new.criteria}
    found: dict[str, str] = {}
    for criterion in old.criteria:
        now = after.get(criterion.id)
        if now is None:
            found[criterion.id] = "removed"
        elif reads_the_same(criterion, now):
            found[criterion.id] = "same"
        else:
            found[criterion.id] = declared.get(criterion.id, "new")
    return found


def reads_the_same(old: Criterion, new: Criterion) -> bool:
    """Whether whoever answers reads the same question and anchors, about the same episodes."""
    return (old.question, old.scale, old.applies_when) == (new.question, new.scale, new.applies_when)


def _one(slug: str, old: Criterion | None, new: Criterion | None) -> CriterionDiff:
    fields = _fields(told(old) if old else {}, told(new) if new else {})
    if old is None or new is None:
        return CriterionDiff(slug, "added" if old is None else "removed", fields)
    return CriterionDiff(slug, "changed" if fields else "same", fields)


def _fields(old: Mapping[str, str], new: Mapping[str, str]) -> list[Field]:
    names = dict.fromkeys([*new, *old])
    return [Field(name, words(old.get(name, ""), new.get(name, ""))) for name in names if old.get(name, "") != new.get(name, "")]

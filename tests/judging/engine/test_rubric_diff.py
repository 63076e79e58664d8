"""Rubrics compared word by word, and written as text."""

import msgspec

from judging.engine.rubric import Criterion, Rubric
from judging.engine.rubric_diff import compare, words
from judging.engine.rubric_text import read_rubric, write_rubric
from judging.services import starter_rubric


def changed(rubric: Rubric, slug: str, **fields: object) -> Rubric:
    criteria = [msgspec.structs.replace(c, **fields) if c.id == slug else c for c in rubric.criteria]
    return msgspec.structs.replace(rubric, criteria=criteria)


def test_words_say_what_went_and_what_came() -> None:
    pieces = words("Was the policy kept?", "Was every rule kept?")
    assert [(piece.how, piece.text) for piece in pieces if piece.how != "same"] == [
        ("removed", "the"), ("added", "every"), ("removed", "policy"), ("added", "rule"),
    ]  # fmt: skip
    assert "".join(piece.text for piece in pieces if piece.how != "removed") == "Was every rule kept?"
    assert "".join(piece.text for piece in pieces if piece.how != "added") == "Was the policy kept?"


def test_criteria_are_told_apart_by_their_ids() -> None:
    old = starter_rubric()
    new = changed(old, "policy", question="Was every rule kept?", weight=3.0)
    new = msgspec.structs.replace(new, criteria=[c for c in new.criteria if c.id != "efficiency"])
    new.criteria.append(Criterion("tone", "Is it polite?", 1, {0: "Rude.", 5: "Polite."}, answered_by="judge"))
    diff = compare(old, new)
    assert {one.slug: one.how for one in diff.criteria if one.how != "same"} == {
        "policy": "changed", "tone": "added", "efficiency": "removed",
    }  # fmt: skip
    assert [field.name for one in diff.criteria if one.slug == "policy" for field in one.fields] == ["question", "weight"]
    assert compare(old, old).same and not diff.same


def test_what_is_written_reads_as_the_same_rubric() -> None:
    rubric = changed(starter_rubric(), "policy", question='„Wurde: "alles" – 지켰나요?“\n# no comment', pass_at=4.5)
    assert read_rubric(write_rubric(rubric)) == rubric
    assert read_rubric(write_rubric(rubric)).digest == rubric.digest

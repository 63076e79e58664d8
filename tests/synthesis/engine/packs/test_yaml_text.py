"""YAML is read strictly."""

from time import monotonic

import pytest

from synthesis.engine.packs.findings import PackError
from synthesis.engine.packs.yaml_text import load


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12:30", "12:30"),
        ("no", "no"),
        ("on", "on"),
        ("yes", "yes"),
        ("0o17", "0o17"),
        ("1_000", "1_000"),
        ("12", 12),
        ("-3", -3),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("''", ""),
        ("'12'", "12"),
        ("2026-03-05", "2026-03-05"),
        ("0123", 123),
    ],
)
def test_scalars_follow_the_core_schema(text: str, value: object) -> None:
    data = load(f"a: {text}").data
    assert data == {"a": value}
    assert type(data["a"]) is type(value)


def test_lines_are_known_for_every_path() -> None:
    document = load("a: 1\nb:\n  - c: 2\n  - d: 3\n")
    assert document.line(("b", 1, "d")) == 4
    assert document.line(("b", 1, "d", "deeper")) == 4
    assert document.line(("a",)) == 1


@pytest.mark.parametrize(
    ("text", "problem", "line"),
    [
        ("a: &x 1\nb: *x", "anchor", 1),
        ("a: 1\na: 2", "twice", 2),
        ("a: [1, 2", "not YAML", 2),
        ("a: !!python/object:os.system x", "tag", 1),
        ("? [1, 2]\n: 3", "not plain text", 1),
        ("a: " + "[" * 70 + "]" * 70, "deeper", 1),
        ("a: b: c", "not YAML", 1),
        ("\x07", "not YAML", 0),
    ],
)
def test_what_is_refused_names_problem_and_line(text: str, problem: str, line: int) -> None:
    with pytest.raises(PackError) as error:
        load(text)
    finding = error.value.findings[0]
    assert problem in finding.problem
    assert finding.line == line
    assert finding.remedy


def test_a_huge_text_is_refused_before_it_is_read() -> None:
    with pytest.raises(PackError, match="longer than"):
        load("a" * 2_000_001)


@pytest.mark.parametrize("nested", ["[", "{a: ", "- ", "? ", "- [{a: "], ids=range(5))
def test_depth_is_refused_before_it_can_end_the_process(nested: str) -> None:
    begun = monotonic()
    with pytest.raises(PackError, match=r"nested deeper|not YAML"):
        load(nested * (1_900_000 // len(nested)))
    assert monotonic() - begun < 10

"""Rubrics from their YAML text, and back."""

from typing import Any

import msgspec
import yaml

from judging.engine.checks.registry import CHECKS
from judging.engine.rubric import Criterion, Rubric, RubricError, rubric_from


def read_rubric(text: str) -> Rubric:
    """The rubric of a YAML text. ``became``, which a rubric of the catalogue declares of older versions, is passed over. Raises RubricError
    naming place and remedy.
    """
    try:
        data: Any = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise RubricError(f"rubric is not YAML: {error}") from error
    if not isinstance(data, dict):
        raise RubricError("rubric: a mapping with slug, name, description and criteria is needed")
    return rubric_from({name: value for name, value in data.items() if name != "became"}, frozenset(CHECKS))


def write_rubric(rubric: Rubric) -> str:
    """A YAML text that reads as this rubric; what is as if nothing had been said is left out."""
    criteria = [_written(criterion) for criterion in rubric.criteria]
    whole = {"slug": rubric.slug, "name": rubric.name, "description": rubric.description, "criteria": criteria}
    return yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=140)


def _written(criterion: Criterion) -> dict[str, Any]:
    least = Criterion(id="", question="", weight=0, scale={})
    fields = {name: getattr(criterion, name) for name in criterion.__struct_fields__}
    said = {name: value for name, value in fields.items() if value != getattr(least, name)}
    said["scale"] = dict(sorted(criterion.scale.items(), reverse=True))
    whole: dict[str, Any] = _plain(msgspec.to_builtins(said))
    return whole


def _plain(value: Any) -> Any:
    """Whole numbers without their fraction, as a person would write them."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return int(value) if isinstance(value, float) and value.is_integer() else value

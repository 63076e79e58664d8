"""Rubrics from their YAML text."""

from typing import Any

import yaml

from judging.engine.checks.registry import CHECKS
from judging.engine.rubric import Rubric, RubricError, rubric_from


def read_rubric(text: str) -> Rubric:
    """The rubric of a YAML text. Raises RubricError naming place and remedy."""
    try:
        data: Any = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise RubricError(f"rubric is not YAML: {error}") from error
    if not isinstance(data, dict):
        raise RubricError("rubric: a mapping with slug, name, description and criteria is needed")
    return rubric_from(data, frozenset(CHECKS))

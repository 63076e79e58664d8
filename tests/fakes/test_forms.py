"""Values that the fake provider makes up for a form."""

from typing import Any

import pytest

from judging.engine.judges.model import schema_of
from judging.services.rubrics import starter_rubric
from synthesis.adapters.starter_files import pack_files
from synthesis.engine.packs.function_tools import plain_schema
from synthesis.engine.packs.parse import parse_pack
from synthesis.engine.world.values import validator_of
from tests.fakes.model_server.embeddings import vector_of
from tests.fakes.model_server.voices.forms import NoValue, instance_of

SCHEMAS: list[dict[str, Any]] = [
    {},
    {"type": "object"},
    {"type": "string", "pattern": r"^[A-Z]{2}-\d{4}(x|y)?$"},
    {"type": "string", "pattern": r"^[^@ ]+@[a-z.]+$"},
    {"type": "string", "minLength": 30, "maxLength": 31},
    {"type": "string", "maxLength": 2},
    {"type": "integer", "minimum": 3, "multipleOf": 5},
    {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
    {"type": "integer", "maximum": -3},
    {"type": ["null", "string"]},
    {"anyOf": [False, {"type": "boolean"}]},
    {"allOf": [{"required": ["a"]}, {"properties": {"a": {"enum": [7]}}}], "type": "object"},
    {"type": "array", "minItems": 4, "items": {"type": "string", "format": "date"}},
    {"$defs": {"leaf": {"type": "object", "properties": {"n": {"const": 1}}, "required": ["n"]}}, "$ref": "#/$defs/leaf"},
    {"type": "object", "properties": {"next": {"$ref": "#"}, "n": {"type": "integer"}}, "required": ["n"]},
    schema_of(starter_rubric()),
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_a_value_fits_its_schema(schema: dict[str, Any]) -> None:
    assert validator_of(schema).is_valid(instance_of(schema))


def test_arguments_of_every_tool_of_the_catalogue_fit() -> None:
    tools = [tool for path in pack_files() for tool in parse_pack(path.read_text("utf-8")).tools.values()]
    assert len(tools) > 90
    for tool in tools:
        schema = plain_schema(tool.parameters)
        assert validator_of(schema).is_valid(instance_of(schema)), tool.name


@pytest.mark.parametrize("schema", [{"not": {}}, {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}], ids=str)
def test_what_nothing_fits_is_said(schema: dict[str, Any]) -> None:
    with pytest.raises(NoValue):
        instance_of(schema)


def test_texts_alike_have_embeddings_alike() -> None:
    def likeness(one: str, other: str) -> float:
        return sum(a * b for a, b in zip(vector_of(one), vector_of(other), strict=True))

    assert vector_of("Cancel the order") == vector_of("cancel  the order")
    assert likeness("cancel an order", "cancel the orders") > likeness("cancel an order", "book a visit") + 0.3
    assert likeness("x", "x") == pytest.approx(1, abs=1e-4)

"""Tool schemas as a trainer or an endpoint expects them: plain JSON Schema, without keywords of our own."""

from typing import Any

from synthesis.engine.packs.model import Tool

OUR_KEYWORDS: frozenset[str] = frozenset({"ref"})
"""Keywords of the pack format that JSON Schema does not know."""

_MAPS = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
_LISTS = frozenset({"anyOf", "oneOf", "allOf", "prefixItems"})
_SINGLE = frozenset(
    {"items", "additionalProperties", "contains", "not", "if", "then", "else", "propertyNames", "unevaluatedProperties", "unevaluatedItems"}
)


def plain_schema(schema: Any) -> Any:
    """``schema`` without our keywords, at every depth; a property that happens to be called like one stays."""
    if not isinstance(schema, dict):
        return schema
    plain: dict[str, Any] = {}
    for key, value in schema.items():
        if key in OUR_KEYWORDS:
            continue
        if key in _MAPS and isinstance(value, dict):
            plain[key] = {name: plain_schema(item) for name, item in value.items()}
        elif key in _LISTS and isinstance(value, list):
            plain[key] = [plain_schema(item) for item in value]
        else:
            plain[key] = plain_schema(value) if key in _SINGLE else value
    return plain


def function_tool(name: str, tool: Tool) -> dict[str, Any]:
    """A tool in OpenAI's form."""
    return {"type": "function", "function": {"name": name, "description": tool.description, "parameters": plain_schema(tool.parameters)}}

"""Settings of the REST interface and its OpenAPI description. Each one's home: studio/api."""

from typing import Any

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["studio.api.authentication.BearerToken", "studio.api.authentication.BrowserSession"],
    "DEFAULT_PERMISSION_CLASSES": ["studio.api.access.MayDo"],
    "DEFAULT_PARSER_CLASSES": ["studio.api.parsing.JsonParser"],
    "DEFAULT_RENDERER_CLASSES": ["studio.api.rendering.JsonRenderer"],
    "DEFAULT_SCHEMA_CLASS": "studio.api.description.Description",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "studio.api.problems.problem_of",
    "URL_FORMAT_OVERRIDE": None,
    "FORMAT_SUFFIX_KWARG": None,
    "COERCE_DECIMAL_TO_STRING": False,
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Agentic Data Studio",
    "DESCRIPTION": (
        "Read the catalogue, start runs, follow episodes and download datasets.\n\n"
        "Send a token of yours as `Authorization: Bearer ads_...`. Errors are problem details (RFC 9457). Lists come in pages: "
        "follow `next` until it is null. A POST that starts work takes an `Idempotency-Key`, so that it may be sent again safely."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": [],
}
API_BODY_BYTES = 2 * 1024 * 1024
"""The largest request body."""

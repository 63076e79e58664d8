"""Endpoints that may play tools, and measurements of them."""

from typing import Any

from django.utils import timezone

from synthesis.engine.chat.model import Usage
from synthesis.engine.environments.measuring import Measured
from synthesis.engine.simulation.fidelity import Difference, ToolFidelity
from synthesis.models import FidelityReport, ModelEndpoint, Release


def an_endpoint(slug: str = "m", **fields: Any) -> ModelEndpoint:
    """An endpoint for tools that nobody can reach."""
    plain: dict[str, Any] = {
        "base_url": "http://127.0.0.1:9/v1", "model": "small-1", "provider": "other", "purposes": ["tool"], "price_prompt": 1_000_000,
        "price_completion": 3_000_000,
    }  # fmt: skip
    return ModelEndpoint.objects.get_or_create(slug=slug, defaults=plain | fields)[0]


def a_report(words: str = "result has 1 instead of 2 entries", **fields: Any) -> FidelityReport:
    """A measurement of the newest release that is done: 40 calls of two tools, some of them different."""
    example = Difference({"owner_id": words}, f'[{{"pet_id": "{words}"}}]', "[]", [words])
    tools = {
        "list_pets": ToolFidelity("list_pets", "read", 20, 18, 20, 18, 3, 1, {"rows_missing": 1, "unusable": 1}, [example]),
        "book_visit": ToolFidelity("book_visit", "write", 20, 20, 15, 15, 0, 0, {"state": 5}, [example]),
    }
    measured = Measured(tools, 9, 0, Usage("small-1", 120_000, 9_000, cost=147_000, attempts=43))
    plain: dict[str, Any] = {
        "release": Release.objects.order_by("-pk")[0], "endpoint": "m", "model": "small-1", "prompt": "0123456789abcdef", "seed": 1,
        "wanted": 40, "calls": 40, "measured": measured, "cost": 147_000, "asked_by": "ann", "status": "done", "created": timezone.now(),
        "asked": timezone.now(), "finished": timezone.now(),
    }  # fmt: skip
    return FidelityReport.objects.create(**plain | fields)

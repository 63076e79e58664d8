"""What import contracts cannot see in models: where foreign keys point, that rows are explained and migrations named."""

import re

import pytest
from django.apps import apps
from django.db.models import Model

from tests.architecture.tree import ROOMS, modules

FLOORS = {"synthesis": 0, "judging": 1, "studio": 2}


def upward(models: list[type[Model]]) -> list[str]:
    """Relations of ``models`` that point to a higher room."""
    return [
        f"{model.__name__}.{field.name} -> {field.related_model.__name__}"
        for model in models
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model is not None and isinstance(field.related_model, type)
        if FLOORS.get(field.related_model._meta.app_label, -1) > FLOORS[model._meta.app_label]
    ]


def ours() -> list[type[Model]]:
    """Our models."""
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.app_label in FLOORS]


def test_there_are_models_to_look_at() -> None:
    assert {model._meta.app_label for model in ours()} >= {"synthesis", "judging"}


def test_foreign_keys_point_to_the_same_or_a_lower_room() -> None:
    assert upward(ours()) == []


def test_an_upward_foreign_key_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    downward = next(
        f"{model.__name__}.{field.name}"
        for model in ours()
        if model._meta.app_label == "judging"
        for field in model._meta.get_fields()
        if field.is_relation and isinstance(field.related_model, type) and field.related_model._meta.app_label == "synthesis"
    )
    monkeypatch.setitem(FLOORS, "synthesis", 1)
    monkeypatch.setitem(FLOORS, "judging", 0)
    assert any(relation.startswith(downward) for relation in upward(ours()))


def test_every_model_says_what_a_row_is() -> None:
    silent = [model.__name__ for model in ours() if not model._meta.auto_created and (model.__doc__ or "").startswith(f"{model.__name__}(")]
    assert silent == []


def test_migrations_are_named() -> None:
    names = [path.stem for path, _ in modules() if path.parts[0] in ROOMS and path.parent.name == "migrations" and path.stem != "__init__"]
    assert names
    assert [name for name in names if re.search(r"_auto_\d{8}", name)] == []

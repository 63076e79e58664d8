"""The first two steps: key categories, and domains within one. Each with what exists already in view, so that siblings differ."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from synthesis.engine.evolution.asking import Answered, Author, Wrong
from synthesis.engine.evolution.similarity import ToolView

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
MOST_SHOWN = 120
"""Lines of one kind shown to an author: newest last, the rest counted."""


class CategoryIdea(msgspec.Struct, frozen=True):
    """A key category: ``name`` is the first part of category paths."""

    name: str
    description: str


class DomainIdea(msgspec.Struct, frozen=True):
    """A domain before it is written. ``category`` is the whole path; ``jobs`` are what people want of it, a phrase each."""

    slug: str
    name: str
    category: str
    description: str
    complexity: int = 3
    jobs: list[str] = []


class CatalogueView(msgspec.Struct, frozen=True):
    """What exists: key categories with the number of their domains, domains as ideas, and the tools of all of them."""

    categories: Mapping[str, int] = {}
    domains: Sequence[DomainIdea] = ()
    tools: Sequence[ToolView] = ()


TEXT = {"type": "string", "minLength": 1}
SLUG = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$", "maxLength": 64}


def whole(**properties: Any) -> dict[str, Any]:
    """The schema of an object that has all of ``properties`` and nothing else, which is what strict schema modes take."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def listed(item: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a list."""
    return {"type": "array", "items": dict(item)}


async def propose_categories(author: Author, view: CatalogueView, number: int) -> Answered[list[CategoryIdea]]:
    """``number`` key categories that are not there yet. Raises NoAnswer, ChatErrors."""

    def read(value: dict[str, Any]) -> list[CategoryIdea]:
        ideas = msgspec.convert(value["categories"], list[CategoryIdea])
        _counted(ideas, number, "categories")
        _fresh([idea.name for idea in ideas], view.categories, "category")
        return ideas

    schema = whole(categories=listed(whole(name=SLUG, description=TEXT)))
    values = {"number": str(number), "categories": categories_shown(view), "domains": domains_shown(view.domains)}
    return await author.ask("author_categories", values, schema, read)


async def propose_domains(
    author: Author,
    view: CatalogueView,
    category: CategoryIdea,
    number: int,
    seeds: Sequence[ToolView] = (),
    parent: DomainIdea | None = None,
) -> Answered[list[DomainIdea]]:
    """``number`` domains of ``category`` that are not there yet. ``seeds`` are tools of existing domains to take as a beginning;
    ``parent`` is a domain whose siblings are wanted. Raises NoAnswer, ChatErrors."""
    taken = {domain.slug: 1 for domain in view.domains}

    def read(value: dict[str, Any]) -> list[DomainIdea]:
        ideas = [DomainIdea(category=category.name, **domain) for domain in value["domains"]]
        _counted(ideas, number, "domains")
        _fresh([idea.slug for idea in ideas], taken, "domain")
        return [msgspec.structs.replace(idea, category=f"{category.name}/{idea.slug}") for idea in ideas]

    complexity = {"type": "integer", "minimum": 1, "maximum": 5}
    described = {"type": "string", "minLength": 20}
    schema = whole(domains=listed(whole(slug=SLUG, name=TEXT, description=described, complexity=complexity, jobs=listed(TEXT))))
    values = {
        "number": str(number),
        "category": f"{category.name}: {category.description}",
        "domains": domains_shown(view.domains),
        "seeds": tools_shown(seeds) or "- none; begin from the trade itself",
        "parent": f"{parent.name}: {parent.description}" if parent else "none",
    }
    return await author.ask("author_domains", values, schema, read)


def categories_shown(view: CatalogueView) -> str:
    """A line for each category."""
    return "\n".join(f"- {name} ({number} domains)" for name, number in view.categories.items()) or "- none yet"


def domains_shown(domains: Iterable[DomainIdea]) -> str:
    """A line for each domain, the first sentence of its description behind its name."""
    lines = [f"- {domain.slug} ({domain.category}): {domain.description.split('. ')[0]}" for domain in domains]
    return "\n".join(_bounded(lines)) or "- none yet"


def tools_shown(tools: Iterable[ToolView]) -> str:
    """A line for each tool with its parameters."""
    lines = [f"- {tool.domain}.{tool.name}({', '.join(tool.parameters)}): {tool.description}" for tool in tools]
    return "\n".join(_bounded(lines))


def _bounded(lines: list[str]) -> list[str]:
    left = len(lines) - MOST_SHOWN
    return [f"- and {left} older ones", *lines[left:]] if left > 0 else lines


def _counted(ideas: Sequence[object], number: int, what: str) -> None:
    if len(ideas) != number:
        raise Wrong(f"{number} {what} were asked for, {len(ideas)} came.")


def _fresh(names: Sequence[str], taken: Mapping[str, int], what: str) -> None:
    for position, name in enumerate(names):
        if not NAME.match(name):
            raise Wrong(f"{name!r} is no name: small letters, digits and underscores, beginning with a letter, 64 at most.")
        if name in taken or name in names[:position]:
            raise Wrong(f"There is a {what} {name} already: propose another one.")

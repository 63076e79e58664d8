"""Filling a pack's wording: holes, particles, articles and capitals (docs/pack-format.md, section Wordings)."""

from collections.abc import Callable, Mapping
from typing import Any

from synthesis.engine.language.grammar import apply_articles, begins_sentence, capitalised, tidy
from synthesis.engine.language.particles import apply_particles
from synthesis.engine.language.values import Style, kind_of, say
from synthesis.engine.packs.holes import HOLE, lookup


def fill(
    template: str,
    scope: Mapping[str, Any],
    kinds: Mapping[str, str],
    language: str,
    style: Style,
    literal: Callable[[str], str] | None = None,
    exact: Mapping[str, Any] | None = None,
) -> str:
    """``template`` with its holes said in ``language``.

    ``kinds`` gives the kind of whole paths (the facts, by key); a hole's own ``:kind`` wins, and ISO dates and moments are recognised
    without either. ``exact`` holds values of whole paths that come before ``scope`` (a fact may be named like the record it is taken
    from). ``literal`` may change the words between the holes (typing habits); values are never touched. Raises MissingValue for an
    unbound hole.
    """
    parts: list[str] = []
    end = 0
    for match in HOLE.finditer(template):
        words = template[end : match.start()]
        parts.append(literal(words) if literal else words)
        end = match.end()
        if not match[1]:
            parts.append(match[0][0])
            continue
        value = exact[match[1]] if exact and match[1] in exact else lookup(scope, match[1])
        kind = match[2] or kinds.get(match[1]) or kind_of(value)
        said = say(value, kind, language, style)
        parts.append(capitalised(said) if language == "en" and kind != "id" and begins_sentence("".join(parts)) else said)
    words = template[end:]
    parts.append(literal(words) if literal else words)
    return finish("".join(parts), language)


def finish(text: str, language: str) -> str:
    """Resolve articles and particles in ``text`` and tidy its punctuation."""
    return tidy(apply_particles(text) if language == "ko" else apply_articles(text))

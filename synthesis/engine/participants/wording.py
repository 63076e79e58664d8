"""The starter words of the scripted seats, by language."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import TypeAlias

from synthesis.engine.language.wording import LanguageWording, parse_wording
from synthesis.engine.packs.model import LANGUAGES

Wording: TypeAlias = Mapping[str, LanguageWording]
"""Words by language."""


@cache
def starter_wording() -> Wording:
    """The words that come with the package (``synthesis/catalog/wording``), read once. Raises PackError when a file is not well-formed."""
    folder = resources.files("synthesis.catalog") / "wording"
    return {language: parse_wording((folder / f"{language}.yaml").read_text("utf-8")) for language in LANGUAGES}

"""Prompts: the texts that calls use now, and those they used before."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from synthesis.engine.participants.prompts import Prompt
from synthesis.models import PinnedPrompt, PromptVersion

NAME = re.compile(r"[a-z0-9_]{1,40}")


class NoPrompt(LookupError):
    """There is no prompt of that name."""


class InUse(NamedTuple):
    """A prompt as calls use it now: the number of its newest version (0: none), whether the file's text counts."""

    name: str
    version: int
    default: bool
    digest: str
    text: str


def names() -> Sequence[str]:
    """The names of all prompts, sorted: every prompt has a default file."""
    return sorted(path.stem for folder in settings.STUDIO_PROMPT_FOLDERS for path in Path(folder).glob("*.md"))


def default(name: str) -> Prompt:
    """The prompt as it ships. Raises NoPrompt."""
    if NAME.fullmatch(name):
        for folder in settings.STUDIO_PROMPT_FOLDERS:
            if (found := _read(Path(folder) / f"{name}.md")) is not None:
                return found
    raise NoPrompt(f"there is no prompt {name!r}")


@cache
def _read(path: Path) -> Prompt | None:
    return Prompt(path.read_text("utf-8")) if path.is_file() else None


def current(name: str) -> Prompt:
    """The prompt that calls use now: the newest published text, else the file. One query. Raises NoPrompt."""
    shipped = default(name)
    newest = PromptVersion.objects.filter(name=name).order_by("-number").first()
    return shipped if newest is None or newest.default else Prompt(newest.text)


def pinned(pins: Mapping[str, str], name: str) -> Prompt:
    """The prompt that a run with these ``pins`` was started with; the current one where it has none, being older than pins. One query.
    Raises NoPrompt.
    """
    if name not in pins:
        return current(name)
    row = PinnedPrompt.objects.filter(digest=pins[name]).first()
    if row is None:
        raise NoPrompt(f"the text {pins[name]} of prompt {name!r} is not kept")
    return Prompt(row.text)


def newest() -> Mapping[str, PromptVersion]:
    """The newest version of each prompt that has any, in one query."""
    rows = PromptVersion.objects.order_by("name", "number")
    return {row.name: row for row in rows.defer("text")}


def versions(name: str, *, before: int | None = None, limit: int | None = None) -> Sequence[PromptVersion]:
    """The versions of a prompt, newest first, older than number ``before``."""
    rows = PromptVersion.objects.filter(name=name)
    return list((rows if before is None else rows.filter(number__lt=before)).order_by("-number")[:limit])


def version(name: str, number: int) -> PromptVersion | None:
    """One version of a prompt."""
    return PromptVersion.objects.filter(name=name, number=number).first()


def in_use(*, after: str | None = None, limit: int | None = None) -> Sequence[InUse]:
    """Every prompt as it is used, by name; one query."""
    wanted = [name for name in names() if after is None or name > after][:limit]
    rows = {row.name: row for row in PromptVersion.objects.filter(name__in=wanted).order_by("name", "number")}
    return [_in_use(name, rows.get(name)) for name in wanted]


def in_use_of(name: str) -> InUse | None:
    """One prompt as it is used; None when there is none of that name."""
    return _in_use(name, PromptVersion.objects.filter(name=name).order_by("-number").first()) if name in names() else None


def _in_use(name: str, row: PromptVersion | None) -> InUse:
    prompt = default(name) if row is None or row.default else Prompt(row.text)
    return InUse(name, row.number if row else 0, row is None or row.default, prompt.digest, prompt.text)

"""Prompts: publishing a new text, or going back to the file's."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from synthesis.engine.participants.cast import model_of
from synthesis.engine.participants.prompts import Prompt
from synthesis.models import PinnedPrompt, PromptVersion
from synthesis.selectors import prompts
from synthesis.services.border import clean_text

LARGEST = 64 * 1024
"""Bytes of a prompt's text."""


class PromptRefused(ValueError):
    """A text cannot be published. ``code`` says which rule; the text is a sentence."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def prompt_text(raw: str) -> str:
    """A text as it came from a browser, as prompts are kept: lines end with LF, the text with one, no characters that a database refuses.
    Raises PromptRefused.
    """
    text = clean_text(raw.replace("\r\n", "\n").replace("\r", "\n")).rstrip() + "\n"
    if not text.strip():
        raise PromptRefused("empty", "A prompt has a text.")
    if len(text.encode()) > LARGEST:
        raise PromptRefused("too_large", f"A prompt has at most {LARGEST:,} bytes.")
    return text


def prompt_publish(*, name: str, text: str, after: int, author: str, note: str, now: datetime) -> PromptVersion:
    """A new version, used by every call from now on. ``after`` is the number of the version the author saw last (0: none): when there is a
    newer one nothing is written. Raises PromptRefused, NoPrompt.
    """
    text = prompt_text(text)
    if prompts.current(name).text == text:
        raise PromptRefused("same", "That is the text in use already.")
    return _add(name, text, after, author, note, now, default=False)


def prompts_pin(*, names: Iterable[str], pins: Mapping[str, str] | None = None) -> dict[str, str]:
    """Keep the texts that calls use now for a run that starts; ``{name: digest}`` for its row. What ``pins`` holds already stays as it is.
    Raises NoPrompt.
    """
    found = dict(pins or {})
    with transaction.atomic():
        for name in sorted(set(names) - found.keys()):
            prompt = prompts.current(name)
            PinnedPrompt.objects.get_or_create(digest=prompt.digest, defaults={"text": prompt.text})
            found[name] = prompt.digest
    return found


def prompts_needed(*, seats: Mapping[str, str], judge: Mapping[str, Any]) -> list[str]:
    """The names of the prompts that the models of a run are told. An agent's is made from its profile, which its episodes keep."""
    seated = [name for name, seat in (("user", "user"), ("tool", "tools")) if model_of(seats.get(seat))]
    return seated + (["judge", "judge_rules"] if judge.get("endpoints") else [])


def prompt_to_default(*, name: str, after: int, author: str, note: str, now: datetime) -> PromptVersion:
    """Let the text of the file count again; itself a version. Raises PromptRefused, NoPrompt."""
    newest = PromptVersion.objects.filter(name=name).order_by("-number").first()
    shipped = prompts.default(name)
    if newest is None or newest.default:
        raise PromptRefused("same", "The text of the file is in use already.")
    return _add(name, shipped.text, after, author, note, now, default=True)


def _add(name: str, text: str, after: int, author: str, note: str, now: datetime, *, default: bool) -> PromptVersion:
    conflict = PromptRefused("conflict", "Somebody else has published a version in the meantime.")
    newest = PromptVersion.objects.filter(name=name).order_by("-number").values_list("number", flat=True).first() or 0
    if newest != after:
        raise conflict
    try:
        with transaction.atomic():
            return PromptVersion.objects.create(
                name=name,
                number=after + 1,
                text=text,
                digest=Prompt(text).digest,
                default=default,
                note=note.strip()[:300],
                author=author[:150],
                created=now,
            )
    except IntegrityError:
        raise conflict from None

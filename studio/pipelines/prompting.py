"""Prompts as people change them: the version and its audit entry in one transaction."""

from django.contrib.auth.models import User
from django.utils import timezone

from studio.access import audit
from synthesis.models import PromptVersion
from synthesis.selectors import prompts
from synthesis.services.prompts import prompt_publish, prompt_to_default


def publish(*, actor: User, name: str, text: str, after: int, note: str) -> PromptVersion:
    """Publish a text as the newest version of a prompt. Raises PromptRefused, NoPrompt."""
    with audit.change(actor, "prompts.publish", "prompt", name, name, before=prompts.current(name).text) as told:
        row = prompt_publish(name=name, text=text, after=after, author=actor.get_username(), note=note, now=timezone.now())
        told.after, told.note = row.text, f"version {row.number}"
    return row


def to_default(*, actor: User, name: str, after: int, note: str) -> PromptVersion:
    """Let the text of the file count again. Raises PromptRefused, NoPrompt."""
    with audit.change(actor, "prompts.default", "prompt", name, name, before=prompts.current(name).text) as told:
        row = prompt_to_default(name=name, after=after, author=actor.get_username(), note=note, now=timezone.now())
        told.after, told.note = row.text, f"version {row.number}"
    return row

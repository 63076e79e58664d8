"""Prompts: versions that stay, and the file behind them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_django import Settings

from synthesis.models import PinnedPrompt, PromptVersion
from synthesis.selectors import prompts
from synthesis.selectors.prompts import NoPrompt
from synthesis.services.prompts import PromptRefused, prompt_publish, prompt_to_default, prompts_needed, prompts_pin

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    """Two prompts of their own."""
    (tmp_path / "user.md").write_text("You are {person}.\n")
    (tmp_path / "judge.md").write_text("Judge.\n")
    settings.STUDIO_PROMPT_FOLDERS = [tmp_path]
    return tmp_path


def publish(text: str, after: int = 0) -> PromptVersion:
    """A new version of ``user``."""
    return prompt_publish(name="user", text=text, after=after, author="ann", note=" why ", now=NOW)


def test_the_file_counts_until_something_is_published() -> None:
    assert prompts.names() == ["judge", "user"]
    assert prompts.current("user").text == "You are {person}.\n"
    row = publish("You are\r\n{person}!")
    assert prompts.current("user").text == "You are\n{person}!\n"
    assert (row.number, row.digest, row.note, row.author) == (1, prompts.current("user").digest, "why", "ann")
    assert prompts.current("judge").text == "Judge.\n"


def test_back_to_the_file_follows_the_file() -> None:
    publish("Other.")
    prompt_to_default(name="user", after=1, author="ann", note="", now=NOW)
    assert prompts.current("user") == prompts.default("user")
    assert [(row.number, row.default) for row in prompts.versions("user")] == [(2, True), (1, False)]
    with pytest.raises(PromptRefused, match="already"):
        prompt_to_default(name="user", after=2, author="ann", note="", now=NOW)


def test_whoever_saw_an_older_version_writes_nothing() -> None:
    publish("One.")
    with pytest.raises(PromptRefused) as refused:
        publish("Two.", after=0)
    assert refused.value.code == "conflict"
    assert PromptVersion.objects.count() == 1


@pytest.mark.parametrize(("text", "code"), [("  \n", "empty"), ("x" * 70_000, "too_large"), ("You are {person}.", "same")])
def test_texts_that_are_refused(text: str, code: str) -> None:
    with pytest.raises(PromptRefused) as refused:
        publish(text)
    assert refused.value.code == code


@pytest.mark.parametrize("name", ["nobody", "../user", "", "USER"])
def test_unknown_names(name: str) -> None:
    with pytest.raises(NoPrompt):
        prompts.current(name)


def test_what_is_pinned_stays_whatever_is_published_and_whatever_becomes_of_the_file(folder: Path) -> None:
    pins = prompts_pin(names=["user", "judge"])
    publish("Other.")
    (folder / "judge.md").write_text("Judge well.\n")
    prompts._read.cache_clear()
    assert [prompts.pinned(pins, name).text for name in ("user", "judge")] == ["You are {person}.\n", "Judge.\n"]
    assert [prompts.pinned({}, name).text for name in ("user", "judge")] == ["Other.\n", "Judge well.\n"]
    again = prompts_pin(names=["user"], pins={"judge": pins["judge"]})
    assert again["judge"] == pins["judge"] and again["user"] != pins["user"]
    PinnedPrompt.objects.all().delete()
    with pytest.raises(NoPrompt, match=f"text {pins['user']} of prompt 'user' is not kept"):
        prompts.pinned(pins, "user")


def test_a_run_needs_the_prompts_of_its_models() -> None:
    assert prompts_needed(seats={"user": "scripted", "agent": "model:m", "tools": "scripted"}, judge={}) == []
    judge = {"kind": "panel", "endpoints": ["m"]}
    assert prompts_needed(seats={"user": "model:m", "tools": "model:m"}, judge=judge) == ["user", "tool", "judge", "judge_rules"]

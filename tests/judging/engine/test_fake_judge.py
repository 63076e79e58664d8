"""The fake provider's judge: fair unless asked otherwise, always with words that stand in the transcript."""

import asyncio
import random
from typing import Any

import msgspec
import pytest

from judging.engine.case import Case
from judging.engine.judges.model import ModelVerdict, ask_model
from judging.engine.judges.programmatic import judge
from judging.services.prompts import starter_judge_prompt
from judging.services.rubrics import starter_rubric
from synthesis.engine.chat.answer import read_completion
from synthesis.engine.chat.body import body_of
from synthesis.engine.chat.model import ChatReply, ChatRequest, OnDelta
from synthesis.engine.chat.profiles import PROFILES
from tests.fakes.model_server.play import Play
from tests.fakes.model_server.question import question_of
from tests.fakes.model_server.server import completion_of
from tests.fakes.model_server.voices import answer
from tests.judging.builders import Talk, case, cast, good

RUBRIC = starter_rubric()
CAST = cast()


class FakeJudge:
    """The voice behind the port, without HTTP; ``seed`` is the episode's."""

    def __init__(self, of: Case, model: str, seed: int, *, blind: bool = False) -> None:
        checked = None if blind else judge(of, RUBRIC)
        self.model, self.play = model, Play(1, of.scenario, CAST, {of.pack.slug: of.pack}, seed, checked)

    async def reply(self, request: ChatRequest, on_delta: OnDelta | None = None) -> ChatReply:
        """See ``ChatModel``."""
        body = body_of(request, self.model, PROFILES["fake"], {}, stream=False)
        message = answer(question_of(body, {"x-studio-role": "judge"}), self.play)
        return read_completion(completion_of(body, message, 1), request, PROFILES["fake"])


def verdict(of: Case, model: str = "fake", seed: int = 1, **more: Any) -> ModelVerdict:
    return asyncio.run(ask_model(of, RUBRIC, FakeJudge(of, model, seed, **more), starter_judge_prompt(), random.Random(1)))


def values(of: Case, model: str = "fake", seed: int = 1) -> dict[str, float | None]:
    found = verdict(of, model, seed)
    assert found.error is None
    return {score.criterion: score.value for score in found.scores}


def broken() -> Case:
    """The agent claims what it never did."""
    return case(Talk().user("Move Mochi's visit to Monday, please.").agent("Done, it is moved to Monday at 10:00.").end())


def test_a_fair_judge_gives_what_the_checks_leave() -> None:
    for of in (case(good()), broken()):
        checked = {score.criterion: score.value for score in judge(of, RUBRIC).scores}
        assert values(of) == {name: None if value is None else round(value) for name, value in checked.items()}
    assert values(broken())["task_success"] == 2, "it was said to be done, and nothing was looked up"


def test_judges_differ_as_they_are_asked_to() -> None:
    fair, strict = values(case(good())), values(case(good()), "fake:strict=1")
    assert all(strict[name] == value - 1 for name, value in fair.items() if value)
    assert set(values(broken(), "fake:always=5").values()) == {5}
    panel = [tuple(values(case(good()), f"fake:noise=0.5,seed={seed}", episode).values()) for seed in (1, 2) for episode in range(6)]
    assert len(set(panel)) > 4
    assert values(case(good()), "fake:noise=0.5,seed=1") == values(case(good()), "fake:noise=0.5,seed=1"), "the same answer every time"


def test_without_the_log_it_judges_at_sight() -> None:
    assert verdict(case(good()), blind=True).error is None


@pytest.mark.parametrize(("quotes", "fails"), [("invented", True), ("late", False)])
def test_words_that_nobody_said_are_rejected(quotes: str, fails: bool) -> None:
    found = verdict(case(good()), f"fake:quotes={quotes}")
    assert (found.error is not None) == fails
    assert found.usage.attempts == (3 if fails else 2)
    assert msgspec.json.encode(found.scores) if not fails else found.scores == []

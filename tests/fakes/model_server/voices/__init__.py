"""How the fake provider plays each role competently: one module a role, each from a question and, where it is known, the play it is about.

What a voice says follows from what it is asked, the scenario and the options in the model's name; the same question gets the same answer.
"""

from collections.abc import Callable

from tests.fakes.model_server.play import Play
from tests.fakes.model_server.question import Message, Question
from tests.fakes.model_server.voices import agent, author, judge, tool, user
from tests.fakes.model_server.voices.agent import agent_says
from tests.fakes.model_server.voices.user import user_says

__all__ = ["VOICES", "agent_says", "answer", "user_says"]

VOICES: dict[str, Callable[[Question, Play | None], Message]] = {
    "agent": agent.says,
    "user": user.says,
    "tool": tool.says,
    "judge": judge.says,
    "author": author.says,
}


def answer(question: Question, play: Play | None) -> Message:
    """The message that answers ``question``."""
    return VOICES[question.role](question, play)

"""The author: writes the worlds of ``tests.fakes.author``, and breaks them by the options named there (``breaks=all``, ``stubborn=1``,
``clumsy=1``, ``mute=world``). Asked for anything else in a form, it gives an object of that form."""

import msgspec

from tests.fakes.author.answers import author_says, step_of
from tests.fakes.model_server.play import Play
from tests.fakes.model_server.question import Message, Question
from tests.fakes.model_server.voices.forms import instance_of


def says(question: Question, _play: Play | None) -> Message:
    """What the step asks for."""
    if step_of(question.body):
        return author_says(question.body, question.ways)
    return {"content": msgspec.json.encode(instance_of(question.schema or {"type": "object"})).decode()}

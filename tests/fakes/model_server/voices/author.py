"""An author, in a plain form: a draft that fits what was asked for."""

import msgspec

from tests.fakes.model_server.play import Play
from tests.fakes.model_server.question import Message, Question
from tests.fakes.model_server.voices.forms import instance_of


def says(question: Question, _play: Play | None) -> Message:
    """An object of the form that was asked for."""
    return {"content": msgspec.json.encode(instance_of(question.schema or {"type": "object"})).decode()}

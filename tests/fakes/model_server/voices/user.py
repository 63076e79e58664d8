"""The user: the scripted one, over the messages it gets."""

from collections.abc import Sequence

from synthesis.engine.episode.seats import User
from synthesis.engine.participants.prompts import STOP
from synthesis.engine.participants.scripted_user import ScriptedUser
from tests.fakes.model_server.play import Play, wording
from tests.fakes.model_server.question import Message, Question, own_turns
from tests.fakes.model_server.voices.reading import as_user, events, finished


def says(question: Question, play: Play | None) -> Message:
    """The next message of the user of ``play``; without one a greeting, and then the end."""
    messages = own_turns(question.messages)
    if play is None:
        spoke = any(message["role"] == "assistant" for message in messages)
        return {"content": f"Thank you, that is all.\n{STOP} 3 fine" if spoke else "Hello, can you help me?"}
    return user_says(messages, ScriptedUser(play.scenario, play.cast, play.packs, wording(), play.seed))


def user_says(messages: Sequence[Message], user: User) -> Message:
    """The next message of a simulated user; to it the agent is the one with the role ``user``."""
    for event in events(as_user(messages)):
        user.observe(event)
    move = finished(user.act())
    if not move.done:
        return {"content": move.text}
    feedback = move.feedback or {"rating": 3, "words": ""}
    return {"content": f"{move.text}\n{STOP} {feedback['rating']} {feedback['words']}"}

"""The user: the scripted one, over the messages it gets. Told that it said something too early, it leaves that sentence out."""

import re
from collections.abc import Sequence

from synthesis.engine.episode.seats import User
from synthesis.engine.language.grounding import WishWords
from synthesis.engine.participants.prompts import STOP
from synthesis.engine.participants.scripted_user import ScriptedUser
from tests.fakes.model_server.play import Play, wording
from tests.fakes.model_server.question import Message, Question, own_turns
from tests.fakes.model_server.voices.agent import with_calls
from tests.fakes.model_server.voices.reading import as_user, events, finished

TOO_EARLY = re.compile(r"You told (.+) before you were asked for it\.")
"""What a seat says to a user that gave away what it should keep to itself for now."""
SENTENCES = re.compile(r"(?<=[.!?])\s+")


def says(question: Question, play: Play | None) -> Message:
    """The next message of the user of ``play``; without one a greeting, and then the end."""
    messages = own_turns(question.messages)
    if play is None:
        spoke = any(message["role"] == "assistant" for message in messages)
        return {"content": f"Thank you, that is all.\n{STOP} 3 fine" if spoke else "Hello, can you help me?"}
    said = user_says(messages, ScriptedUser(play.scenario, play.cast, play.packs, wording(), play.seed))
    early = TOO_EARLY.search(str(question.messages[-1].get("content") or ""))
    return {"content": without(said["content"], set(early[1].split(", ")), play)} if early else said


def without(text: str, keys: set[str], play: Play) -> str:
    """``text`` without the sentences that tell one of these facts; a plain opening where nothing is left."""
    language, pack = play.cast.persona.language, play.packs[play.scenario.domain]
    words = [WishWords(wish, pack.intents[wish.intent], language) for wish in play.scenario.wishes]
    kept = [sentence for sentence in SENTENCES.split(text) if not any(keys & set(one.told(sentence)) for one in words)]
    return " ".join(kept) or {"ko": "안녕하세요, 도움이 필요해요."}.get(language, "Hello, I need some help.")


def user_says(messages: Sequence[Message], user: User) -> Message:
    """The next message of a simulated user; to it the agent is the one with the role ``user``."""
    for event in events(as_user(messages)):
        user.observe(event)
    move = finished(user.act())
    if not move.done:
        return with_calls(move.text, move.calls)
    feedback = move.feedback or {"rating": 3, "words": ""}
    return {"content": f"{move.text}\n{STOP} {feedback['rating']} {feedback['words']}"}

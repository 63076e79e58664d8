"""The model-backed user: a prompt with what it wants and knows; it keeps its script, and ends with a mark of its own."""

import re
from collections.abc import Mapping
from typing import Any

from synthesis.engine.chat.model import ChatModel, ChatReply, ChatRequest
from synthesis.engine.episode.events import Event
from synthesis.engine.episode.seats import UserMove
from synthesis.engine.language import reading
from synthesis.engine.language.grounding import WishWords
from synthesis.engine.packs.function_tools import function_tool
from synthesis.engine.packs.model import Pack
from synthesis.engine.participants.cast import Cast
from synthesis.engine.participants.model_seat import ask, fresh_ids, own_message, shown, usage_payload
from synthesis.engine.participants.prompts import STOP, Prompt, user_prompt
from synthesis.engine.participants.team import own_tools
from synthesis.engine.scenarios.scenario import Fact, Scenario

BEGIN = "[The agent is there. Write your first message.]"
MOST_IN_A_ROW = 4
"""Messages in which a user uses its own tools before it has to say something."""
LONGEST = 4000
"""Characters of one message; a simulated user that writes more has lost its role."""
_RATING = re.compile(r"\W*([1-5])\b\W*(.*)", re.DOTALL)


class ModelUser:
    """A fold over the log: the roles are turned round, since to this model the agent is the one who speaks to it."""

    def __init__(self, scenario: Scenario, cast: Cast, packs: Mapping[str, Pack], model: ChatModel, prompt: Prompt) -> None:
        own = own_tools(scenario, packs)
        self.own = [function_tool(name, tool) for name, tool in own.items()]
        self.ids: set[str] = set()
        self.in_a_row = 0
        self.model, self.prompt, self.language = model, prompt, cast.persona.language
        self.words = [WishWords(wish, packs[scenario.domain_of(wish)].intents[wish.intent], self.language) for wish in scenario.wishes]
        self.messages: list[dict[str, Any]] = [
            {"role": "system", "content": user_prompt(prompt, scenario, cast, own)},
            {"role": "user", "content": BEGIN},
        ]
        self.asked_for: set[str] = set()
        self.heard = False

    def observe(self, event: Event) -> None:
        """Fold one event. The agent's calls and their results are not for the user's eyes; its own are."""
        if event.kind == "tool_result" and event.payload.get("requestor") == "user":
            self.messages.append({"role": "tool", "tool_call_id": event.payload["call_id"], "content": shown(event.payload)})
        if event.kind == "message":
            calls = event.payload.get("tool_calls", [])
            self.ids |= {call["id"] for call in calls}
            self._observe_message(event)

    def _observe_message(self, event: Event) -> None:
        text = event.payload.get("text") or ""
        if event.payload["role"] == "user":
            self.messages.append(own_message(event.payload))
            self.in_a_row = self.in_a_row + 1 if event.payload.get("tool_calls") else 0
        elif text:
            self.messages.append({"role": "user", "content": text})
            self.heard = True
            self.asked_for |= self._asks(text)

    def _asks(self, text: str) -> set[str]:
        facts = [fact for words in self.words for fact in words.wish.facts]
        asked = reading.asks(text, facts, self.language) | reading.asks(text, facts, reading.language_of(text))
        if reading.asks_which(text):
            asked |= {words.wish.choice.key for words in self.words if words.wish.choice}
        return asked

    @property
    def tools(self) -> list[dict[str, Any]]:
        """What it may use next: nothing unasked, and who has used some in a row says something first."""
        return self.own if self.heard and self.in_a_row < MOST_IN_A_ROW else []

    async def act(self) -> UserMove:
        """Say the next thing, or use a tool of one's own."""
        request = ChatRequest("user", self.messages, self.tools, parallel=False, prompt=self.prompt.digest, max_tokens=512)
        asked = await ask(self.model, request, check=self._problem)
        if asked.reply.calls:
            usage = usage_payload(asked.usage, self.prompt.digest)
            return UserMove("", usage=usage, repaired=asked.repaired, calls=fresh_ids(asked.reply.calls, self.ids))
        said, feedback = read_end(asked.reply.text)
        usage = usage_payload(asked.usage, self.prompt.digest)
        return UserMove(said, done=feedback is not None, feedback=feedback, usage=usage, repaired=asked.repaired)

    def _problem(self, reply: ChatReply) -> str | None:
        """What in an answer leaves the script, as a sentence for the model."""
        said, feedback = read_end(reply.text)
        if reply.calls:
            return None if self.tools else "You have no tools. Write what you say."
        if not said:
            return "Write what you say before the last line; an empty message is no message."
        if len(said) > LONGEST:
            return "That is far too long for a chat. Write at most three sentences."
        if feedback is not None and not self.heard:
            return "The agent has not said anything yet: write your first message, without the last line."
        if early := self._revealed(said):
            names = ", ".join(sorted(early))
            return f"You told {names} before you were asked for it. Write the message again without it."
        return None

    def _revealed(self, text: str) -> set[str]:
        """Facts held back that ``text`` tells although nobody asked."""
        found = set()
        for words in self.words:
            facts: dict[str, Fact] = words.facts
            held = ({*words.wish.withheld} - self.asked_for) | {*words.wish.hides}
            found |= {key for key in words.told(text) if key in held and len(str(facts[key].value)) > 3}
        return found


def read_end(text: str) -> tuple[str, dict[str, Any] | None]:
    """What is said, and the feedback of a user that leaves: ``{satisfied, rating, words}``; None for one that stays.

    A mark without a rating counts as 3: the user left and did not say how it was.
    """
    said, mark, rest = text.partition(STOP)
    if not mark:
        return text.strip(), None
    match = _RATING.match(rest)
    rating, words = (int(match[1]), match[2].strip()) if match else (3, rest.strip())
    return said.strip(), {"satisfied": rating >= 4, "rating": rating, "words": words[:500]}

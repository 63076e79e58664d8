"""Whether the agent asked the user for what only the user can do, and what the user made of it."""

from judging.engine.case import Case
from judging.engine.gold import Matched
from synthesis.engine.episode.trajectory import Message
from synthesis.engine.participants.own_side import asks_for


def passed_over(case: Case, step: Matched) -> Message | None:
    """The user's first message that answers a request for a step of its own side without having taken it; None where there is none.

    A request that nothing was said to any more, because the conversation ended there, was not passed over.
    """
    tool = case.offered_as(step)
    spec = case.user_tools[tool]
    turns = [m for m in case.trajectory.messages if not (m.role == "agent" and m.calls)]
    asked = False
    for message in turns:
        if message.role == "agent":
            asked = asks_for(message.text, spec, case.language)
        elif any(call.name == tool for call in message.calls):
            asked = False
        elif asked and not message.calls:
            return message
    return None

"""A model words a disputed question anew, from its worksheet; and which disputes the new wording would have settled."""

import random
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, Literal

import msgspec

from judging.engine.disputes import agree
from judging.engine.rubric import Criterion, Rubric
from judging.engine.worksheet import Case, Worksheet, to_markdown
from synthesis.engine.chat.errors import Unusable
from synthesis.engine.chat.model import ChatModel, ChatRequest, ReplySchema, Usage
from synthesis.engine.participants.prompts import Prompt

TRIES = 3
"""One question and two re-asks."""
LONGEST = 1000
"""Characters of a question or an anchor."""
MOST_TOKENS = 2000

Settles = Literal["yes", "no", "unknown"]


class Proposal(msgspec.Struct, frozen=True):
    """Another wording of one question: the question, a sentence for each of its anchors, and why."""

    question: str
    scale: dict[int, str]
    why: str


class Proposed(msgspec.Struct, frozen=True):
    """What came of asking: a proposal, or the ``error`` why there is none; and what it took."""

    proposal: Proposal | None
    usage: Usage
    error: str = ""


async def propose(sheet: Worksheet, model: ChatModel, prompt: Prompt, rng: random.Random) -> Proposed:
    """Have ``model`` word the question of ``sheet`` anew. ``rng`` draws the fence. Errors of the endpoint pass through as ChatErrors."""
    request, usage, problem = request_of(sheet, prompt, rng), Usage(attempts=0), ""
    for _ in range(TRIES):
        try:
            reply = await model.reply(request)
        except Unusable as unusable:
            usage, problem, said = usage.plus(unusable.usage), unusable.problem, unusable.said
        else:
            assert reply.value is not None
            usage, said = usage.plus(reply.usage), reply.text
            proposal = _read(reply.value)
            problem = problem_of(proposal, sheet)
            if not problem:
                return Proposed(proposal, usage)
        turn = [{"role": "assistant", "content": said}] if said else []
        again = {"role": "user", "content": f"{problem} Answer again, with the whole object."}
        request = msgspec.structs.replace(request, messages=[*request.messages, *turn, again])
    return Proposed(None, usage, f"no usable wording in {TRIES} tries: {problem}")


def request_of(sheet: Worksheet, prompt: Prompt, rng: random.Random) -> ChatRequest:
    """The question to a model. What people wrote stands in a fence that nothing in it can close."""
    fence = f"worksheet-{rng.getrandbits(64):016x}"
    messages = [
        {"role": "system", "content": prompt.filled({"fence": fence})},
        {"role": "user", "content": f"--- {fence} ---\n{to_markdown(sheet)}\n--- {fence} ---"},
    ]
    answer = ReplySchema("rewording", schema_of(sheet))
    return ChatRequest("author", messages, answer=answer, max_tokens=MOST_TOKENS, temperature=0.0, prompt=prompt.digest)


def schema_of(sheet: Worksheet) -> dict[str, Any]:
    """The JSON Schema of an answer: every anchor that there is, and no other."""
    values = [str(value) for value in sorted(sheet.scale, reverse=True)]
    text = {"type": "string", "minLength": 1, "maxLength": LONGEST}
    scale = {"type": "object", "properties": dict.fromkeys(values, text), "required": values, "additionalProperties": False}
    fields = {"question": text, "scale": scale, "why": text}
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def _read(value: Mapping[str, Any]) -> Proposal:
    scale = {int(anchor): " ".join(words.split()) for anchor, words in value["scale"].items()}
    return Proposal(" ".join(value["question"].split()), scale, value["why"].strip())


def problem_of(proposal: Proposal, sheet: Worksheet) -> str:
    """Why a proposal is none, in a sentence; "" when it is one."""
    if not proposal.question or not all(proposal.scale.values()):
        return "The question and every anchor need words."
    if (proposal.question, proposal.scale) == (sheet.question, sheet.scale):
        return "That is the wording that is disputed."
    if len(set(proposal.scale.values())) < len(proposal.scale):
        return "Two anchors say the same."
    return ""


def reworded(criterion: Criterion, proposal: Proposal) -> Criterion:
    """The criterion in the new words; all else stays."""
    return msgspec.structs.replace(criterion, question=proposal.question, scale=dict(proposal.scale))


def alone(rubric: Rubric, criterion: Criterion) -> Rubric:
    """A rubric that asks a judge this one question: what a wording does shows only where no check bounds the answer."""
    asked = msgspec.structs.replace(criterion, answered_by="judge", caps={}, grades=[])
    return msgspec.structs.replace(rubric, criteria=[asked])


def settles(criterion: Criterion, case: Case, answered: bool, value: float | None, votes: Sequence[float | None]) -> Settles:
    """Whether the new wording would have settled a dispute: it leads to the value that was settled; or, where none was, all members of a
    panel (``votes``) come to one answer. A single judge agrees with itself, so of what nobody settled it tells nothing.
    """
    if not answered:
        return "unknown"
    if case.outcome not in {"", "ambiguous"}:
        return "yes" if agree(criterion, case.value, value) else "no"
    if len(votes) < 2:
        return "unknown"
    return "yes" if all(agree(criterion, one, other) for one, other in combinations(votes, 2)) else "no"

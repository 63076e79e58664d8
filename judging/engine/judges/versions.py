"""What names a model judge: a hash over everything that decides its answers."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from judging.engine.judges.model import TEMPERATURE, JudgePrompt
from judging.engine.rubric import Rubric


class Member(msgspec.Struct, frozen=True):
    """One endpoint that is asked: its slug, the model behind it, and the parameters sent with every request."""

    endpoint: str
    model: str
    parameters: dict[str, Any]


class Named(NamedTuple):
    """A judge's version, and what it is a hash of."""

    version: str
    identity: dict[str, Any]


def model_version(kind: str, rubric: Rubric, prompt: JudgePrompt, members: Sequence[Member], code: str) -> Named:
    """The version of a model judge or panel: kind, models, decoding, prompt, rubric version, and the code that asks and reads answers.

    The slugs of endpoints are noted but do not count: the same model under another name is the same judge. Nor does the order of members.
    """
    asked = sorted(members, key=lambda member: (member.model, member.endpoint))
    facts: Mapping[str, Any] = {
        "models": [member.model for member in asked],
        "decoding": [{"temperature": TEMPERATURE} | member.parameters for member in asked],
        "prompt": prompt.digest,
        "code": code,
    }
    version = hashlib.sha256(msgspec.json.encode([kind, rubric.digest, facts], order="sorted")).hexdigest()
    return Named(version, {"endpoints": [member.endpoint for member in asked], **facts})

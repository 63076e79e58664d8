"""The starter domain in which users have tools of their own, for tests that need no database."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

import synthesis
from synthesis.adapters.starlark import StarlarkInterpreter
from synthesis.engine.environments.local import LocalWorlds
from synthesis.engine.packs.findings import Finding, PackError
from synthesis.engine.packs.model import Pack
from synthesis.engine.packs.parse import parse_pack
from synthesis.engine.scenarios.generate import GenerateRequest, generate
from synthesis.engine.scenarios.scenario import Scenario
from synthesis.engine.world.machine import Machine
from tests.worlds import no_sibling


@cache
def phone_text() -> str:
    """The text of the pack."""
    return (Path(synthesis.__path__[0]) / "catalog" / "packs" / "phone_support.yaml").read_text("utf-8")


@cache
def phone() -> Pack:
    """The pack."""
    return parse_pack(phone_text())


@cache
def phone_machine() -> Machine:
    """Its machine."""
    return Machine(phone(), StarlarkInterpreter())


@cache
def phone_worlds() -> LocalWorlds:
    """Worlds in this process."""
    return LocalWorlds({phone().digest: phone()}.__getitem__, StarlarkInterpreter())


def phone_scenario(intent: str, variation: str = "plain", seed: int = 1) -> Scenario:
    """A generated scenario of one intent."""
    request = GenerateRequest(phone().digest, variation, seed, [1, 2, 3], intent=intent)
    found = generate(request, phone_machine(), no_sibling).scenario
    assert found is not None
    return found


def phone_document() -> dict[str, Any]:
    """The pack as a document of one's own, to be changed."""
    document: dict[str, Any] = yaml.load(phone_text(), yaml.BaseLoader)
    return document


def findings_of(text: str) -> list[Finding]:
    """What is wrong with a pack's text; nothing when it is well-formed."""
    try:
        parse_pack(text)
    except PackError as error:
        return list(error.findings)
    return []

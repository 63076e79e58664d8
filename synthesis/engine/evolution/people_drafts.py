"""Personas, agent profiles and wordings drafted by a model; each passes the examination that hand-made ones pass."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from synthesis.engine.evolution.asking import Answered, Author, Wrong
from synthesis.engine.evolution.ideas import TEXT, listed, whole
from synthesis.engine.evolution.repairing import changed
from synthesis.engine.language.wording import FORMALITIES, MOODS, TONES
from synthesis.engine.packs import edit, yaml_write
from synthesis.engine.packs.findings import Finding, PackError
from synthesis.engine.packs.model import LANGUAGES
from synthesis.engine.packs.parse import parse_pack
from synthesis.engine.packs.yaml_text import load
from synthesis.engine.participants.cast import AgentProfile, Persona
from synthesis.engine.participants.factory import LANGUAGE_NAMES
from synthesis.engine.participants.people import ASKS, BREVITIES, MOST_TYPOS, agent_findings, persona_findings

MOST_AT_ONCE = 10
SHORT_NAME = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$", "maxLength": 80}
FLAG = {"type": "boolean"}
T = TypeVar("T", Persona, AgentProfile)


async def propose_personas(author: Author, number: int, language: str, existing: Sequence[Persona]) -> Answered[list[Persona]]:
    """``number`` personas who speak ``language``, other people than ``existing``. Raises NoAnswer, ChatErrors."""
    level = {"type": "integer", "minimum": 1, "maximum": 5}
    schema = whole(
        personas=listed(
            whole(
                slug=SHORT_NAME,
                name=TEXT,
                background=TEXT,
                formality={"enum": list(FORMALITIES)},
                brevity={"enum": list(BREVITIES)},
                mood={"enum": list(MOODS)},
                typos={"type": "number", "minimum": 0, "maximum": MOST_TYPOS},
                patience=level,
                expertise=level,
                preferences=listed(TEXT),
            )
        )
    )
    there = {person.slug: f"{person.name}: {person.background}" for person in existing}
    read = _reader("personas", number, there, lambda row: msgspec.convert({**row, "language": language}, Persona), persona_findings)
    values = {"number": str(number), "language": LANGUAGE_NAMES[language], "people": _lines(there)}
    return await author.ask("author_personas", values, schema, read)


async def propose_agents(author: Author, number: int, existing: Sequence[AgentProfile]) -> Answered[list[AgentProfile]]:
    """``number`` agent profiles unlike ``existing``. Raises NoAnswer, ChatErrors."""
    schema = whole(
        agents=listed(
            whole(
                slug=SHORT_NAME,
                role=TEXT,
                tone={"enum": list(TONES)},
                asks={"enum": list(ASKS)},
                parallel=FLAG,
                thinks_aloud=FLAG,
                rules=listed(TEXT),
                capabilities=listed(TEXT),
            )
        )
    )
    there = {agent.slug: agent.role for agent in existing}
    read = _reader("agents", number, there, lambda row: msgspec.convert(row, AgentProfile), agent_findings)
    return await author.ask("author_agents", {"number": str(number), "people": _lines(there)}, schema, read)


def _reader(
    key: str, number: int, there: Mapping[str, str], convert: Callable[[dict[str, Any]], T], examine: Callable[[T], Sequence[Finding]]
) -> Callable[[dict[str, Any]], list[T]]:
    def read(value: dict[str, Any]) -> list[T]:
        people = [convert(row) for row in value[key]]
        if len(people) != number:
            raise Wrong(f"{number} {key} were asked for, {len(people)} came.")
        taken = set(there)
        for person in people:
            wrong = next((finding for finding in examine(person) if finding.severity == "error"), None)
            if wrong:
                raise Wrong(f"{person.slug}, {wrong.place}: {wrong.problem} {wrong.remedy}")
            if person.slug in taken:
                raise Wrong(f"There is a {person.slug} already: write somebody else.")
            taken.add(person.slug)
        return people

    return read


def _lines(there: Mapping[str, str]) -> str:
    return "\n".join(f"- {slug}: {words}" for slug, words in there.items()) or "- none yet"


PLACES = ("opening", "adjust", "propose", "report")
"""Lines of an intent that more can be added to as they are; ``answers`` are by fact."""


async def propose_wordings(author: Author, text: str, intent_id: str, number: int) -> Answered[str]:
    """The pack ``text`` with ``number`` more openings and some other lines for an intent in every language. Raises NoAnswer, ChatErrors.

    The author's comments and layout stay where the text allows it. What the lines name is left to the audit, as with hand-made ones.
    """
    pack = parse_pack(text)
    intent = pack.intents[intent_id]
    places = [place for place in PLACES if getattr(intent.phrases["en"], place)]
    lines = listed(TEXT)
    said = whole(**dict.fromkeys(places, lines), answers=listed(whole(fact={"enum": list(intent.knows) or ["none"]}, line=TEXT)))

    def read(value: dict[str, Any]) -> str:
        for language in LANGUAGES:
            if len(value[language]["opening"]) < number:
                raise Wrong(f"{number} openings were asked for in {language}, {len(value[language]['opening'])} came.")
        made = with_lines(text, intent_id, value)
        try:
            parse_pack(made)
        except PackError as error:
            raise Wrong(f"With these lines the pack cannot be read: {error.findings[0]}") from None
        return made

    values = {
        "number": str(number),
        "domain": f"{pack.name}: {pack.description}",
        "intent": yaml_write.mapping(_raw(text, intent_id), 0),
    }
    return await author.ask("author_wordings", values, whole(**dict.fromkeys(LANGUAGES, said)), read)


def _raw(text: str, intent_id: str) -> dict[str, Any]:
    return dict(next(intent for intent in load(text).data["intents"] if intent["id"] == intent_id))


def with_lines(text: str, intent_id: str, lines: Mapping[str, Mapping[str, Any]]) -> str:
    """``text`` with new lines of an intent behind the old ones; lines that are there already are left out. Raises Wrong without any new."""
    intent = _raw(text, intent_id)
    phrases = {language: dict(said) for language, said in intent["phrases"].items()}
    new = 0
    for language, given in lines.items():
        mine = phrases[language]
        for place in PLACES:
            fresh = _fresh(mine.get(place, []), given.get(place, []))
            mine[place] = [*mine.get(place, []), *fresh] if fresh else mine.get(place, [])
            new += len(fresh)
        answers = {fact: list(said) for fact, said in mine.get("answers", {}).items()}
        for answer in given.get("answers", []):
            fresh = _fresh(answers.get(answer["fact"], []), [answer["line"]])
            if answer["fact"] in answers:
                answers[answer["fact"]] += fresh
                new += len(fresh)
        mine |= {"answers": answers} if answers else {}
        phrases[language] = {place: said for place, said in mine.items() if said}
    if not new:
        raise Wrong("All of these lines are there already; write new ones.")
    position = [one["id"] for one in load(text).data["intents"]].index(intent_id)
    try:
        return edit.item_update(text, "intents", position, {**intent, "phrases": phrases})
    except edit.CannotEdit:
        return changed(text, [(f"intents.{intent_id}.phrases", yaml_write.mapping(phrases, 0))])


def _fresh(there: Sequence[str], given: Sequence[str]) -> list[str]:
    known = {" ".join(line.split()).casefold() for line in there}
    return [line for line in dict.fromkeys(given) if " ".join(line.split()).casefold() not in known]

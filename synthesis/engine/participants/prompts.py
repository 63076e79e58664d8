"""Prompts of model-backed seats: a text with holes, filled from a scenario and a cast, and named by its digest."""

import hashlib
import re
from collections.abc import Mapping

import msgspec

from synthesis.engine.language.values import Style, say
from synthesis.engine.packs.model import Tool
from synthesis.engine.participants.cast import Cast, Persona
from synthesis.engine.participants.factory import LANGUAGE_NAMES
from synthesis.engine.scenarios.scenario import Fact, Scenario, Wish

STOP = "###STOP###"
"""How a simulated user says that it leaves; the rest of its line is rating and words."""
PLAIN = Style()
_HOLE = re.compile(r"\{([a-z_]+)\}")
PATIENCE = {
    1: "You have no patience at all.",
    2: "You have little patience.",
    4: "You are patient.",
    5: "You have all the time in the world.",
}
EXPERTISE = {1: "You know nothing about the trade and its words.", 5: "You know the trade well and use its words."}


class Prompt(msgspec.Struct, frozen=True):
    """A prompt's text; holes are ``{name}``. ``digest`` names it in the log of every call that used it."""

    text: str

    @property
    def digest(self) -> str:
        """The first 16 digits of its sha256."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]

    def filled(self, values: Mapping[str, str]) -> str:
        """The text with its holes filled; a hole that nobody knows stays as it stands, so that a slip of an editor shows."""
        text = self.text
        for name, value in values.items():
            text = text.replace("{" + name + "}", value)
        return text.strip()


def holes_of(text: str) -> list[str]:
    """The names of the holes of a text, in the order in which they come first."""
    return list(dict.fromkeys(_HOLE.findall(text)))


def user_prompt(prompt: Prompt, scenario: Scenario, cast: Cast, tools: Mapping[str, Tool] | None = None) -> str:
    """The system prompt of a simulated user; ``tools`` are those of its own side, by name."""
    language = cast.persona.language
    known = [line for wish in scenario.wishes for line in knows_of(wish, language)]
    return prompt.filled(
        {
            "person": person_of(cast.persona),
            "wants": "\n".join(f"{number}. {wants_of(wish, language)}" for number, wish in enumerate(scenario.wishes, 1)),
            "knows": "\n".join(known) or "- nothing",
            "script": "\n".join(f"- {line}" for line in [*script_of(scenario), *own_side_of(tools or {})]),
            "language": LANGUAGE_NAMES[language],
            "stop": STOP,
        }
    )


def person_of(persona: Persona) -> str:
    """A persona in sentences."""
    manner = [f"Your mood is {persona.mood}; you write {_style(persona)}."]
    manner += [PATIENCE.get(persona.patience, ""), EXPERTISE.get(persona.expertise, "")]
    if persona.typos:
        manner.append("You make a typing mistake now and then, never in values.")
    likes = f"You like: {', '.join(persona.preferences)}." if persona.preferences else ""
    return " ".join(part for part in (f"{persona.name}. {persona.background}", *manner, likes) if part)


def _style(persona: Persona) -> str:
    brevity = {"terse": "as briefly as possible", "normal": "at normal length", "chatty": "at length, with asides"}[persona.brevity]
    return f"{brevity}, in a {persona.formality} tone"


def wants_of(wish: Wish, language: str) -> str:
    """What the user wants, in words."""
    return wish.wants.get(language) or next(iter(wish.wants.values()))


def knows_of(wish: Wish, language: str) -> list[str]:
    """A line for every fact: its name, its value as people say it, and when it may be told."""
    lines = []
    for fact in wish.facts:
        if fact.key in wish.hides:
            lines.append(f"- {_name(fact, language)}: leave it to what is stored about you; never tell it yourself")
            continue
        value = said(fact, language)
        if wish.wrong and wish.wrong.key == fact.key:
            wrong = say(wish.wrong.value, fact.kind, language, PLAIN)
            lines.append(f"- {_name(fact, language)}: by mistake you first say {wrong}; when you are told that it is wrong, {value}")
        elif fact.key in wish.withheld:
            lines.append(f"- {_name(fact, language)}: {value} (tell it only when you are asked for it)")
        else:
            lines.append(f"- {_name(fact, language)}: {value}")
    return lines + _changed(wish, language)


def _changed(wish: Wish, language: str) -> list[str]:
    if not wish.change:
        return []
    facts = {fact.key: fact for fact in wish.facts}
    values = ", ".join(
        f"{_name(facts[key], language)}: {say(value, facts[key].kind, language, PLAIN)}" for key, value in wish.change.facts.items()
    )
    return [f"- after you have changed your mind: {values}"]


def _name(fact: Fact, language: str) -> str:
    return fact.label.get(language) or fact.key.replace("_", " ")


def said(fact: Fact, language: str) -> str:
    """A fact's value as people say it."""
    return fact.said.get(language) or say(fact.value, fact.kind, language, PLAIN)


def script_of(scenario: Scenario) -> list[str]:
    """What the variation asks of the user, a sentence each."""
    lines = [SCRIPTS.get(scenario.variation, SCRIPTS["plain"])]
    if len(scenario.wishes) > 1:
        lines.append("Bring up everything you want in your first message." if scenario.at_once else ONE_BY_ONE)
    for wish in scenario.wishes:
        if wish.change:
            lines.append(CHANGES[wish.change.when])
        if wish.refusal:
            lines.append(f"When the agent refuses, insist {wish.refusal.presses} time(s), then accept it and leave.")
        if wish.choice:
            lines.append("When the agent asks which one you mean, tell it by the value you know; do not tell it before.")
    return lines


def own_side_of(tools: Mapping[str, Tool]) -> list[str]:
    """What the user can do itself, and when: nothing where it has no tools of its own."""
    return [OWN_SIDE, *(f"On your own side you can: {tool.description}" for tool in tools.values())] if tools else []


OWN_SIDE = (
    "Some things are on your own side, and only you can do or see them; you have tools for them. When the agent asks you for one of them, "
    "call its tool, then say in your own words what came of it. Call none unasked, and never say that you did or saw something that you "
    "did not."
)
ONE_BY_ONE = "Bring up one thing at a time, in the order given: the next only when the one before is settled."
CHANGES = {
    "before": "When the agent has told you what it is about to do and asks for your consent, change your mind: ask for the other values.",
    "after": "When the agent says that it is done, change your mind: ask for the other values instead.",
}
SCRIPTS = {
    "plain": "Say in your first message what you want and what you know that is not held back.",
    "gradual": "Say in your first message only what you want; give values one by one, when you are asked.",
    "wrong_value": "Say what you want; one of your values is wrong at first, without your noticing.",
    "no_fitting_tool": "Ask for what you want as if it were an everyday request.",
    "forbidden": "Ask for what you want as if it were an everyday request; you do not know that it is against the rules.",
    "preference": "Say what you want; where it depends on your preferences, say that they should know them.",
    "ambiguous_record": "Describe what you mean loosely, so that it could be one of several.",
}

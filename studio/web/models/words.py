"""The area's terms in the reader's language: roles, providers, findings of a check, what a refusal means."""

from collections.abc import Mapping
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from synthesis.engine.chat.profiles import PROFILES, Profile

Word = str | Promise

ROLES: dict[str, Word] = {
    "agent": _("Agent"),
    "user": _("User"),
    "tool": _("Simulated tools"),
    "judge": _("Judge"),
    "author": _("Author"),
    "check": _("Self-check"),
}
WITHOUT: dict[str, Word] = {
    "agent": _("Scripted"),
    "user": _("Scripted"),
    "tool": _("Programs of the tools"),
    "judge": _("Programmatic judge"),
    "author": _("Nobody: people write the catalogue"),
}
"""Who plays a role where no model does."""


class Preset(NamedTuple):
    """What a form begins with for one provider: its usual base URL, an example of a model's name, a word of advice."""

    base_url: str
    model: str
    advice: Word


PRESETS: dict[str, Preset] = {
    "openai": Preset("https://api.openai.com/v1", "gpt-…", _("Answers can be bound to a form; a key is needed.")),
    "anthropic": Preset(
        "https://api.anthropic.com/v1",
        "claude-…",
        _("The OpenAI-compatible endpoint. Forms are asked for in words; temperature ends at 1."),
    ),
    "moonshot": Preset("https://api.moonshot.ai/v1", "kimi-…", _("Kimi. Answers are bound to JSON; temperature ends at 1.")),
    "vllm": Preset(
        "http://localhost:8000/v1",
        _("as it was started"),  # type: ignore[arg-type]
        _("Start it with --enable-auto-tool-choice and a --tool-call-parser, or it calls no tools."),
    ),
    "ollama": Preset(
        "http://localhost:11434/v1",
        "qwen3:8b",
        _("No key. Raise its context (OLLAMA_CONTEXT_LENGTH): the usual 4,096 tokens cut policies and tools off."),
    ),
    "fake": Preset(
        "http://127.0.0.1:9009/v1", "fake", _("The studio's own fake provider, for trying things out. Its answers say that they are fake.")
    ),
    "other": Preset("https://", "", _("Anything else that speaks chat completions. Nothing beyond the plainest is expected of it.")),
}
SCHEMAS: dict[str, Word] = {
    "json_schema": _("by a JSON Schema"),
    "json_object": _("to JSON; the form is said in words"),
    "none": _("in words only"),
}
PROBES: dict[str, Word] = {
    "plain": _("Plain answer"),
    "finish": _("Says that an answer is whole"),
    "usage": _("Counts its tokens"),
    "stream": _("Streams"),
    "tool": _("Calls a tool"),
    "parallel": _("Several calls in one turn"),
    "schema": _("Answer in a given form"),
    "embeddings": _("Embeddings"),
}
WORKS: dict[str, tuple[str, Word]] = {
    "yes": ("good", _("yes")),
    "partly": ("warn", _("partly")),
    "no": ("bad", _("no")),
    "unasked": ("", _("not asked")),
}
OPTIONAL = frozenset({"parallel", "embeddings"})
"""Without these every seat can be played all the same."""
CODES: dict[str, Word] = {
    "reasoning": _("thinking comes apart from the text"),
    "estimated": _("the studio counts from above instead; budgets run out sooner"),
    "odd": _("an unknown finish reason: its answers are refused"),
    "null": _("without a finish reason"),
    "one_call": _("one call where two were asked for; the agent makes them one after the other"),
    "no_call": _("it wrote text instead of a call"),
    "at_once": _("the whole answer came at once"),
    "one_piece": _("the answer came in one piece"),
    "uncounted": _("tokens of streams are not counted"),
    "by_json_schema": _("bound by a JSON Schema"),
    "by_json_object": _("bound to JSON, the form said in words"),
    "by_none": _("the form said in words"),
    "not_offered": _("not offered for this model"),
    "rate_limited": _("too many requests just now; check again later"),
    "overloaded": _("the endpoint cannot serve just now"),
    "unreachable": _("no connection: is the base URL right, and is it running?"),
    "cut": _("the answer ended early"),
    "garbled": _("an answer that is none: is the base URL right?"),
    "too_slow": _("no whole answer in time"),
    "unusable": _("an answer that breaks the rules"),
    "refused": _("refused"),
    "no_access": _("the key is missing, wrong, or not allowed to use this model"),
    "no_quota": _("the account is spent"),
}
CHECK_ERRORS: dict[str, Word] = {
    "vault": _("The stored key cannot be read: was its encryption key taken away? Enter the key again."),
    "lost": _("The workers that made it were lost. Check again."),
    "broken": _("The studio could not finish it; its log says why."),
}
PROMPTS: dict[str, tuple[Word, Word]] = {
    "user": (_("Simulated user"), _("The system prompt of a model that plays the customer.")),
    "judge": (_("Judge: before the transcript"), _("The system prompt of a model that grades: what it reads and what it must not obey.")),
    "judge_rules": (_("Judge: after the transcript"), _("What is repeated after the transcript, with the criteria.")),
    "reword": (_("Rewording"), _("The system prompt of a model that words a disputed question of a rubric anew.")),
    "tool": (_("Simulated tools"), _("The prompt of a model that answers in the place of a tool.")),
    "author": (
        _("Author: its task"),
        _("The system prompt of a model that writes the catalogue: what a world is and which rules it keeps."),
    ),
    "author_categories": (_("Author: categories"), _("Asks for key categories beside those that are there.")),
    "author_domains": (_("Author: domains"), _("Asks for domains of a category, with tools of others as seeds.")),
    "author_outline": (_("Author: plan of a domain"), _("Asks for tables, tools and intents in outline, before anything is written.")),
    "author_world": (_("Author: world"), _("Asks for tables, seed, invariants and helpers.")),
    "author_tools": (_("Author: tools"), _("Asks for the tools with their programs.")),
    "author_policy": (_("Author: policy"), _("Asks for the rules and their checks.")),
    "author_intents": (_("Author: intents"), _("Asks for what users want, with gold calls and wordings.")),
    "author_repair": (_("Author: repair"), _("Shows what the audit found and asks for the places to be mended.")),
    "author_personas": (_("Author: personas"), _("Asks for characters of simulated users.")),
    "author_agents": (_("Author: agents"), _("Asks for agent profiles.")),
    "author_wordings": (_("Author: wordings"), _("Asks for other ways in which users say what they want.")),
}
HOLES: dict[str, Word] = {
    "person": _("who the user is: name, background, mood, style"),
    "wants": _("what the user wants, a numbered line each"),
    "knows": _("what the user knows, a line for each fact, with when it may be told"),
    "script": _("what the variation asks of the user"),
    "language": _("the user's language"),
    "stop": _("the mark by which the user ends the conversation"),
    "fence": _("a random word around the transcript, new for each call"),
    "criteria": _("the rubric's questions with their scales"),
}


def prompt_words(name: str) -> tuple[Word, Word]:
    """What a prompt is called, and what it is for."""
    return PROMPTS.get(name, (name.replace("_", " "), ""))


def providers() -> Mapping[str, Profile]:
    """Profiles in the order in which a form offers them; those without a preset last."""
    return {name: PROFILES[name] for name in sorted(PROFILES, key=lambda name: [*PRESETS, name].index(name))}

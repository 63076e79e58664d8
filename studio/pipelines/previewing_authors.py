"""The exact messages that an author would be sent, made of a real domain, without sending them: the steps of an evolution themselves make
them, before somebody who listens and never answers."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import msgspec

from studio.pipelines.evolving import PROMPTS
from studio.pipelines.previewing import Preview, shown
from synthesis.adapters.starter_files import pack_reference
from synthesis.engine.chat.model import ChatRequest
from synthesis.engine.evolution.asking import Author
from synthesis.engine.evolution.drafting import write_next
from synthesis.engine.evolution.ideas import CatalogueView, CategoryIdea, propose_categories, propose_domains
from synthesis.engine.evolution.pack_work import STAGES
from synthesis.engine.evolution.people_drafts import propose_agents, propose_personas, propose_wordings
from synthesis.engine.evolution.repairing import repair
from synthesis.engine.evolution.rewriting import work_before
from synthesis.engine.evolution.wanted import Round, Wanted, seeds_for
from synthesis.engine.packs.findings import Finding
from synthesis.engine.packs.model import LANGUAGES
from synthesis.engine.packs.parse import parse_pack
from synthesis.engine.participants.prompts import Prompt
from synthesis.selectors import catalog, drafts, evolutions, prompts

NUMBER = 3
"""Of categories, domains and people that an example asks for."""
TASK = "author"
"""The prompt that stands before every other one of an author."""


class Example(NamedTuple):
    """A domain of the catalogue whose pack stands for one that is being written, with what an audit found in one that was refused."""

    slug: str
    text: str
    findings: list[Finding]


def author_preview(name: str, slug: str, text: str | None = None) -> Preview | None:
    """What an author would be sent by prompt ``name``, with ``text`` in place of the prompt in use, about the domain ``slug`` as if it were
    on its way. For repairs the newest draft stands there that an audit found something in.

    None where there is no such prompt of authors, domain or draft.
    """
    step = "author_outline" if name == TASK else name
    example = _refused() if step == "author_repair" else _released(slug)
    if step not in PROMPTS or example is None:
        return None
    texts: dict[str, Prompt] = {known: prompts.current(known) for known in PROMPTS}
    texts |= {} if text is None else {name: Prompt(text)}
    view = evolutions.catalogue_view()
    return shown(_overheard(_asking(step, Author(_Listener(), texts), view, example)), example.slug)


def _asking(step: str, author: Author, view: CatalogueView, example: Example) -> Awaitable[Any]:
    stage = step.removeprefix("author_")
    if stage in STAGES:
        others = [domain for domain in view.domains if domain.slug != example.slug]
        tools = [tool for tool in view.tools if tool.domain != example.slug]
        rest = msgspec.structs.replace(view, domains=others, tools=tools)
        return write_next(author, work_before(example.text, stage), rest, pack_reference())
    return OTHERS[step](author, view, example)


def _domains(author: Author, view: CatalogueView, example: Example) -> Awaitable[Any]:
    category = next((domain.category for domain in view.domains if domain.slug == example.slug), "").partition("/")[0]
    idea = CategoryIdea(category, category.replace("_", " "))
    return propose_domains(author, view, idea, NUMBER, seeds_for(view.tools, category))


def _repair(author: Author, _view: CatalogueView, example: Example) -> Awaitable[Any]:
    return repair(author, example.text, example.findings, pack_reference())


def _wordings(author: Author, _view: CatalogueView, example: Example) -> Awaitable[Any]:
    return propose_wordings(author, example.text, next(iter(parse_pack(example.text).intents)), Wanted().lines)


OTHERS: dict[str, Callable[[Author, CatalogueView, Example], Awaitable[Any]]] = {
    "author_categories": lambda author, view, _example: propose_categories(author, view, NUMBER),
    "author_domains": _domains,
    "author_repair": _repair,
    "author_personas": lambda author, _view, _example: propose_personas(author, NUMBER, LANGUAGES[0], catalog.personas()),
    "author_agents": lambda author, _view, _example: propose_agents(author, NUMBER, catalog.agent_profiles()),
    "author_wordings": _wordings,
}


def _released(slug: str) -> Example | None:
    release = drafts.newest_text(slug)
    return Example(slug, release.pack_text, []) if release else None


def _refused() -> Example | None:
    draft = evolutions.newest_found_wanting()
    return Example(draft.slug, draft.text, msgspec.convert(draft.rounds[-1], Round).findings) if draft else None


class _Overheard(Exception):
    """What would have been asked."""

    def __init__(self, request: ChatRequest) -> None:
        super().__init__("a preview asks nobody")
        self.request = request


class _Listener:
    """Hears the first question and ends the step with it."""

    async def reply(self, request: ChatRequest, on_delta: Any = None) -> Any:
        """Raises what was heard."""
        raise _Overheard(request)


def _overheard(asking: Awaitable[Any]) -> ChatRequest:
    """The first question. Steps wait for nothing before it, so this works inside of a running event loop, too."""
    try:
        asking.__await__().send(None)
    except _Overheard as overheard:
        return overheard.request
    raise AssertionError("a step begins with a question")

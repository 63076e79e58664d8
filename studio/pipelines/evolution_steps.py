"""The steps of an evolution: which are next, and doing them with what exists in view. Every step is kept before the next round begins, so
that whoever takes over goes on from the last one.

Domains are written side by side, in rounds: each open draft takes one step, with what was there when the round began in view. So nothing
depends on which answer comes first. Plans are made one in a round, since each has to differ from those before it.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec
from django.utils import timezone

from studio.pipelines.catalog import audit_in_sandbox, audited
from studio.pipelines.drafts import read_draft
from studio.pipelines.meaning import Meaning
from studio.pipelines.side_by_side import side_by_side
from synthesis.engine.chat.errors import ChatError, Refused
from synthesis.engine.evolution.asking import Answered, Author, NoAnswer
from synthesis.engine.evolution.drafting import Reference, write_next
from synthesis.engine.evolution.ideas import CatalogueView, CategoryIdea, propose_categories, propose_domains
from synthesis.engine.evolution.pack_work import PackWork, pack_text
from synthesis.engine.evolution.people_drafts import propose_agents, propose_personas, propose_wordings
from synthesis.engine.evolution.repairing import MOST_REPAIRS, repair
from synthesis.engine.evolution.similarity import ToolView, tools_of, twin_findings, twins_in
from synthesis.engine.evolution.wanted import Round, Wanted, seeds_for
from synthesis.engine.packs.findings import Finding
from synthesis.engine.packs.locate import located
from synthesis.engine.packs.model import LANGUAGES, Pack
from synthesis.engine.packs.parse import parse_pack
from synthesis.models import DraftKind, DraftStage, Evolution, EvolutionDraft
from synthesis.selectors import catalog, drafts, evolutions
from synthesis.services import evolution_drafts as keep
from synthesis.services.database import DatabaseThread
from synthesis.services.evolution_drafts import Took

Told = Callable[[str], None]
"""Hears a line for every step that is done."""
T = TypeVar("T")


class Steps:
    """One evolution under one epoch. ``worlds`` is over how many seeds packs are audited, ``width`` how many drafts are written at once.
    ``meaning`` tells how alike descriptions of tools are, where an endpoint does."""

    def __init__(
        self,
        evolution: Evolution,
        epoch: int,
        author: Author,
        database: DatabaseThread,
        reference: Reference,
        worlds: int,
        told: Told,
        width: int = 1,
        meaning: Meaning | None = None,
    ) -> None:
        self.evolution, self.epoch, self.author, self.database = evolution, epoch, author, database
        self.reference, self.worlds, self.told, self.width = reference, worlds, told, width
        self.meaning = meaning
        self.wanted = msgspec.convert(evolution.wanted, Wanted)

    async def do_next(self) -> bool:
        """Do one step, or a round of them; False when nothing is left. Raises ChatErrors of the endpoint, and Gone."""
        for look in (self._categories, self._round, self._people, self._wordings):
            if await look():
                return True
        return False

    async def _categories(self) -> bool:
        """Key categories and the domains proposed in them, before anything is written."""
        there = await self.database.run(evolutions.drafted, self.evolution.pk, DraftKind.CATEGORY)
        wanted = self.wanted
        if wanted.domains and not there and "categories" not in self.evolution.problems:
            await self._begin_categories()
            return True
        open_ones = await self.database.run(evolutions.open_drafts, self.evolution.pk, [DraftKind.CATEGORY], 1)
        if not open_ones:
            return False
        category = open_ones[0]
        view = await self._view()
        idea = CategoryIdea(category.slug, category.description or category.slug.replace("_", " "))
        parent = next((domain for domain in view.domains if domain.slug == wanted.parent), None)
        seeds = seeds_for(view.tools, f"{self.evolution.pk} {category.slug}")
        answered = await self._on(category, "author_domains", propose_domains(self.author, view, idea, wanted.domains, seeds, parent))
        if answered:
            await self._keep(keep.domains_keep, category_id=category.pk, ideas=answered.value, took=_took("author_domains", answered))
            self.told(f"{category.slug}: {', '.join(one.slug for one in answered.value)}")
        return True

    async def _begin_categories(self) -> None:
        view = await self._view()
        if not self.wanted.categories:
            parents = {domain.slug: domain.category.partition("/")[0] for domain in view.domains}
            name = self.wanted.category or parents.get(self.wanted.parent, "")
            await self._keep(keep.categories_keep, ideas=[CategoryIdea(name, "")], took=None)
            return
        try:
            answered = await propose_categories(self.author, view, self.wanted.categories)
        except (NoAnswer, Refused) as failed:
            await self._problem("categories", str(failed))
            return
        await self._keep(keep.categories_keep, ideas=answered.value, took=_took("author_categories", answered))
        self.told(f"categories: {', '.join(idea.name for idea in answered.value)}")

    async def _round(self) -> bool:
        """The next step of each of the first drafts of domains and wordings that are not whole and proven: what a model writes at once,
        then the audits, one after the other."""
        kinds = [DraftKind.DOMAIN, DraftKind.WORDINGS]
        round_of = await self.database.run(evolutions.open_drafts, self.evolution.pk, kinds, self.width)
        planning = [draft for draft in round_of if draft.stage == DraftStage.OUTLINE][1:]
        writing = [draft for draft in round_of if draft.stage != DraftStage.AUDIT and draft not in planning]
        # Read before the first of them begins.
        views = [await self._view(draft.pk) for draft in writing]
        await side_by_side([self._next(draft, view) for draft, view in zip(writing, views, strict=True)])
        for draft in round_of:
            if draft.stage == DraftStage.AUDIT:
                await self._audit(draft)
        return bool(round_of)

    async def _next(self, draft: EvolutionDraft, view: CatalogueView) -> None:
        """What a model has to do on a draft."""
        if draft.stage == DraftStage.LINES:
            await self._lines(draft)
        elif draft.stage == DraftStage.REPAIR:
            await self._repair(draft)
        else:
            await self._write(draft, view)

    async def _write(self, draft: EvolutionDraft, view: CatalogueView) -> None:
        """The next part of a pack."""
        work = msgspec.convert(draft.work, PackWork)
        name = f"author_{work.stage}"
        answered = await self._on(draft, name, write_next(self.author, work, view, self.reference))
        if not answered:
            return
        made = answered.value
        changes: dict[str, Any] = {"work": made, "stage": made.stage or DraftStage.AUDIT}
        if not made.stage:
            changes["text"] = pack_text(made)
        await self._step(draft, changes, _took(name, answered))
        done, total = made.share
        self.told(f"{draft.slug}: {work.stage}" + (f", {done} of {total} {made.stage}" if made.stage in {"tools", "intents"} else ""))

    async def _lines(self, draft: EvolutionDraft) -> None:
        """More wordings for the next intent of a domain. ``work`` lists the intents that have theirs."""
        pending = [intent for intent in parse_pack(draft.text).intents if intent not in draft.work]
        if not pending:
            await self._step(draft, {"stage": DraftStage.AUDIT}, None)
            return
        answered = await self._on(draft, "author_wordings", propose_wordings(self.author, draft.text, pending[0], self.wanted.lines))
        if answered:
            changes = {"text": answered.value, "work": [*draft.work, pending[0]]}
            await self._step(draft, changes, _took("author_wordings", answered))
            self.told(f"{draft.slug}: wordings of {pending[0]}")

    async def _audit(self, draft: EvolutionDraft) -> None:
        """Prove a pack; what is found goes back to its author, MOST_REPAIRS times at most."""
        pack, findings = read_draft(draft.text, draft.slug)
        summary = None
        if pack is not None:
            beside = await self.database.run(_packs_beside, draft.slug)
            report = await audit_in_sandbox(pack, beside, self.worlds)
            findings = located([*await self._twins(draft, pack), *report.findings], draft.text)
            summary = audited(report)
        errors = sum(finding.severity == "error" for finding in findings)
        changes: dict[str, Any] = {"rounds": [*draft.rounds, Round(draft.repairs, findings)]}
        if not errors:
            changes |= {"stage": DraftStage.PASSED, "audited": summary}
        else:
            changes["stage"] = DraftStage.REPAIR if draft.repairs < MOST_REPAIRS else DraftStage.REFUSED
        await self._step(draft, changes, None)
        outcome = {DraftStage.PASSED: "passed", DraftStage.REFUSED: "refused"}.get(changes["stage"], "goes back to its author")
        self.told(f"{draft.slug}: audit found {errors} errors, {outcome}")

    async def _twins(self, draft: EvolutionDraft, pack: Pack) -> list[Finding]:
        if draft.kind != DraftKind.DOMAIN:
            return []
        # Of two drafts the later one yields; one that has passed already stays as it is.
        view = await self._view(draft.pk, draft.pk)
        mine = tools_of(pack)
        placed = await self._placed([*mine, *view.tools])
        return twin_findings(twins_in(placed[: len(mine)], placed[len(mine) :]))

    async def _placed(self, tools: list[ToolView]) -> list[ToolView]:
        """Tools with the vectors of their descriptions. Where the endpoint gives none, words alone are compared, and that is told."""
        if self.meaning is None or "embeddings" in self.evolution.problems:
            return tools
        try:
            found = await self.meaning.vectors([tool.description for tool in tools])
        except ChatError as error:
            await self._problem("embeddings", f"Tools were compared by their words alone: {error}.")
            return tools
        return [msgspec.structs.replace(tool, embedding=found[tool.description]) for tool in tools]

    async def _repair(self, draft: EvolutionDraft) -> None:
        """Give the findings of the last audit back to the author."""
        findings = msgspec.convert(draft.rounds[-1], Round).findings
        answered = await self._on(draft, "author_repair", repair(self.author, draft.text, findings, self.reference), DraftStage.REFUSED)
        if answered:
            changes = {"text": answered.value, "repairs": draft.repairs + 1, "stage": DraftStage.AUDIT}
            await self._step(draft, changes, _took("author_repair", answered))
            self.told(f"{draft.slug}: repair {draft.repairs + 1} of {MOST_REPAIRS}")

    async def _people(self) -> bool:
        """Personas of each language, then agent profiles."""
        for language in LANGUAGES:
            if self.wanted.personas and await self._pending(f"personas {language}", language):
                existing = [*await self.database.run(catalog.personas), *await self.database.run(evolutions.personas_drafted)]
                await self._propose(
                    f"personas {language}", "author_personas", propose_personas(self.author, self.wanted.personas, language, existing)
                )
                return True
        if self.wanted.agents and await self._pending("agents", ""):
            profiles = [*await self.database.run(catalog.agent_profiles), *await self.database.run(evolutions.agents_drafted)]
            await self._propose("agents", "author_agents", propose_agents(self.author, self.wanted.agents, profiles))
            return True
        return False

    async def _pending(self, step: str, language: str) -> bool:
        if step in self.evolution.problems:
            return False
        there: bool = await self.database.run(evolutions.people_there, self.evolution.pk, language)
        return not there

    async def _propose(self, step: str, prompt: str, asking: Awaitable[Answered[Any]]) -> None:
        try:
            answered = await asking
        except (NoAnswer, Refused) as failed:
            await self._problem(step, str(failed))
            return
        await self._keep(keep.people_keep, people=answered.value, took=_took(prompt, answered))
        self.told(f"{step}: {', '.join(one.slug for one in answered.value)}")

    async def _wordings(self) -> bool:
        """Drafts of wordings, one a domain, once."""
        there = await self.database.run(evolutions.drafted, self.evolution.pk, DraftKind.WORDINGS)
        if there or not self.wanted.wordings:
            return False
        releases = await self.database.run(_newest, self.wanted.wordings)
        await self._keep(keep.wordings_begin, releases=releases)
        return bool(releases)

    async def _on(
        self, draft: EvolutionDraft, prompt: str, asking: Awaitable[Answered[T]], failed_stage: str = DraftStage.FAILED
    ) -> Answered[T] | None:
        """The answer; None when there is none that can be used, which ends the draft."""
        try:
            return await asking
        except (NoAnswer, Refused) as failed:
            took = Took(prompt, self.author.prompts[prompt].digest, failed.usage, 2) if isinstance(failed, NoAnswer) else None
            await self._step(draft, {"stage": failed_stage, "problem": str(failed)[:2000]}, took)
            self.told(f"{draft.slug}: {failed}")
            return None

    async def _step(self, draft: EvolutionDraft, changes: dict[str, Any], took: Took | None) -> None:
        await self.database.run(keep.draft_step, draft=draft, epoch=self.epoch, changes=changes, took=took, now=timezone.now())

    async def _keep(self, service: Callable[..., None], **what: Any) -> None:
        await self.database.run(service, evolution_id=self.evolution.pk, epoch=self.epoch, now=timezone.now(), **what)

    async def _problem(self, step: str, problem: str) -> None:
        await self.database.run(keep.problem_keep, evolution_id=self.evolution.pk, epoch=self.epoch, step=step, problem=problem[:2000])
        self.evolution.problems = {**self.evolution.problems, step: problem}
        self.told(f"{step}: {problem}")

    async def _view(self, leave_out: int = 0, until: int | None = None) -> CatalogueView:
        return await self.database.run(evolutions.catalogue_view, leave_out, until)


def _took(prompt: str, answered: Answered[Any]) -> Took:
    return Took(prompt, answered.prompt, answered.usage, answered.reasks)


def _packs_beside(slug: str) -> dict[str, Pack]:
    """The packs of the other active domains, for scenarios with similar tools."""
    releases = catalog.active_releases()
    return dict(catalog.packs_by_slug([release.digest for name, release in releases.items() if name != slug]))


def _newest(slugs: list[str]) -> list[Any]:
    found = (drafts.newest_text(slug) for slug in slugs)
    return [release for release in found if release is not None]

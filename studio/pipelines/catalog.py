"""The catalogue's way in: reading packs, auditing them in a sandbox, publishing what passed."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from judging.services.review_queues import queue_install
from judging.services.rubrics import catalog_install, rubrics_install
from synthesis.adapters import starter_files
from synthesis.adapters.sandbox import SandboxLimits, SandboxPool
from synthesis.engine.audit.report import AuditReport, Told, told_nobody
from synthesis.engine.packs.findings import Finding, PackError
from synthesis.engine.packs.model import Pack
from synthesis.engine.packs.parse import parse_pack
from synthesis.engine.scenarios.scenario import WorldRef
from synthesis.selectors import catalog
from synthesis.services.catalog import Audited, pack_publish, relations_install
from synthesis.services.drafts import LARGEST_PACK
from synthesis.services.people import people_install

AUDIT_SECONDS = 600.0
WORLDS = 25

CatalogFileError = starter_files.CatalogFileError
AUDITED_FILE = starter_files.AUDITED.name

Say = Callable[[str], None]


class PackFile(msgspec.Struct):
    """A pack file as read: its pack, or the findings why there is none; after an audit, the report."""

    path: str
    text: str = ""
    pack: Pack | None = None
    findings: list[Finding] = []
    report: AuditReport | None = None

    @property
    def errors(self) -> list[Finding]:
        """Findings that forbid publishing."""
        return [finding for finding in self.findings if finding.severity == "error"]


def read_pack(path: Path) -> PackFile:
    """Read and parse one pack file; whatever is wrong with it becomes findings."""
    try:
        if path.stat().st_size > LARGEST_PACK:
            return _unreadable(path, f"the file has {path.stat().st_size:,} bytes.", f"A pack has at most {LARGEST_PACK:,}; split it.")
        text = path.read_text("utf-8")
    except OSError as error:
        return _unreadable(path, f"the file cannot be read: {error.strerror}.", "Give the path of a readable YAML file.")
    except UnicodeDecodeError as error:
        return _unreadable(path, f"byte {error.start} is not UTF-8.", "Save the file as UTF-8.")
    try:
        return PackFile(str(path), text, parse_pack(text))
    except PackError as error:
        return PackFile(str(path), text, None, list(error.findings))


def _unreadable(path: Path, problem: str, remedy: str) -> PackFile:
    return PackFile(str(path), findings=[Finding(path.name, problem, remedy)])


def read_starter_packs() -> list[PackFile]:
    """All packs of the starter catalogue."""
    return [read_pack(path) for path in starter_files.pack_files()]


def audit_files(files: Sequence[PackFile], beside: Iterable[Pack], worlds: int = WORLDS, say: Say = lambda text: None) -> None:
    """Audit the readable ones of ``files`` in a sandbox; findings and report are put into each.

    ``beside`` are other packs for ``similar_tools``.
    """
    asyncio.run(_audit(files, {pack.slug: pack for pack in beside}, worlds, say))


async def _audit(files: Sequence[PackFile], beside: dict[str, Pack], worlds: int, say: Say) -> None:
    for file in files:
        if file.pack is None:
            continue
        say(file.path)
        file.report = await audit_in_sandbox(file.pack, beside, worlds)
        file.findings = list(file.report.findings)


async def audit_in_sandbox(pack: Pack, beside: Mapping[str, Pack], worlds: int = WORLDS, told: Told = told_nobody) -> AuditReport:
    """Audit a pack in a process of its own: what one pack does to it cannot reach the next. A pack that ends its process is a finding."""
    packs = {other.digest: other for other in [*beside.values(), pack]}
    siblings = [WorldRef(slug, other.digest, 1) for slug, other in sorted(beside.items()) if slug != pack.slug]
    async with SandboxPool(packs.__getitem__, limits=SandboxLimits(job_seconds=AUDIT_SECONDS)) as pool:
        try:
            return await pool.audit(pack.digest, siblings, worlds, told)
        except Exception as error:  # noqa: BLE001 - the boundary: a pack that ends its sandbox is a finding
            remedy = "Look for a loop or a value that grows without bound in seed(), bind() or a tool."
            return AuditReport(pack.slug, pack.digest, [Finding("pack", f"the audit could not finish: {error}.", remedy)])


def audited(report: AuditReport) -> Audited:
    """What a release keeps of a report."""
    return Audited(
        slug=report.slug,
        seeds=report.seeds,
        variations=report.variations,
        tried=report.tried,
        intents={intent: msgspec.to_builtins(figures) for intent, figures in report.intents.items()},
        warnings=[str(finding) for finding in report.findings if finding.severity != "error"],
        fuzzed=report.fuzzed,
        writes=report.writes,
    )


def remember_audits(files: Sequence[PackFile], keep_others: bool) -> int:
    """Write the summaries of those starter packs among ``files`` that passed; returns how many.

    Those of packs that are gone are dropped unless ``keep_others``.
    """
    starter = {path.resolve() for path in starter_files.pack_files()}
    known = starter_files.read_audited()
    summaries = dict(known) if keep_others else {}
    passed = [file for file in files if Path(file.path).resolve() in starter and file.report and not file.errors]
    slugs = {file.pack.slug for file in passed if file.pack}
    summaries = {digest: summary for digest, summary in summaries.items() if summary["slug"] not in slugs}
    for file in passed:
        if file.pack and file.report:
            summaries[file.pack.digest] = msgspec.to_builtins(audited(file.report))
    starter_files.write_audited(summaries)
    return len(passed)


class Installed(msgspec.Struct):
    """What an installation did. ``refused`` are packs with errors; nothing of them was written."""

    domains: int
    new_releases: int
    personas: int
    agents: int
    audited_now: list[str]
    refused: list[PackFile]


def install(say: Say = lambda text: None) -> Installed:
    """Bring the starter catalogue into the database. What is there already stays, and so does what people made of it; a pack whose content
    has no remembered audit is audited first.

    Raises CatalogFileError when the people's files cannot be read.
    """
    theirs = catalog.taken_over()
    files = [file for file in read_starter_packs() if file.pack is None or file.pack.slug not in theirs]
    personas, profiles = starter_files.personas(), starter_files.agent_profiles()
    remembered = starter_files.read_audited()
    readable = [file for file in files if file.pack]
    unknown = [file for file in readable if file.pack and file.pack.digest not in remembered]
    before = {release.digest for release in catalog.active_releases().values()}
    unknown = [file for file in unknown if file.pack and file.pack.digest not in before]
    if unknown:
        audit_files(unknown, [file.pack for file in readable if file.pack], say=say)
    published = []
    for file in readable:
        if file.errors or file.pack is None:
            continue
        if file.pack.digest in before:
            published.append(file.pack)
            continue
        summary = audited(file.report) if file.report else msgspec.convert(remembered[file.pack.digest], Audited)
        pack_publish(pack=file.pack, text=file.text, audited=summary)
        published.append(file.pack)
    relations_install(packs=published)
    people = people_install(personas=personas, profiles=profiles)
    rubrics_install()
    queue_install(version=catalog_install(slug="starter"))
    return Installed(
        domains=len(published),
        new_releases=len({pack.digest for pack in published} - before),
        personas=people["personas"],
        agents=people["agents"],
        audited_now=[file.path for file in unknown],
        refused=[file for file in files if file.errors],
    )

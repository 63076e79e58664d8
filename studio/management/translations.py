"""Collecting translatable texts from templates and Python, and compiling catalogues, in Python: GNU gettext need not be installed.

One catalogue an area: ``locale/<area>/<language>/LC_MESSAGES/django.po``. A text of the frame (whatever belongs to no area) is not repeated
elsewhere.
"""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

SOURCES = ("studio", "judging", "synthesis", "templates")
FRAME = "frame"
OF_THE_FRAME = frozenset({"parts", "errors"})
"""Folders of templates that are no area."""
NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)
"""A compiled catalogue wants dates; the same texts shall give the same bytes."""
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}


class Text(NamedTuple):
    """A translatable text: where it stands, its words (singular and plural where it counts something), its context."""

    file: str
    words: str | tuple[str, str]
    context: str | None


def areas_of(root: Path) -> frozenset[str]:
    """The areas: folders of templates and packages of pages."""
    folders = [*(root / "templates").iterdir(), *(path.parent for path in (root / "studio/web").glob("*/urls.py"))]
    return frozenset(folder.name for folder in folders if folder.is_dir()) - OF_THE_FRAME


def area_of(file: Path, areas: frozenset[str]) -> str:
    """The area a file belongs to: ``templates/<area>/…``, ``studio/web/<area>/…``, ``studio/api/…``."""
    for parent in ("templates", "studio/web"):
        if file.is_relative_to(parent) and (name := file.relative_to(parent).parts[0]) in areas:
            return name
    return "api" if file.is_relative_to("studio/api") and "api" in areas else FRAME


def texts(root: Path) -> Iterator[Text]:
    """Every translatable text of the repository at ``root``."""
    for source in SOURCES:
        for path in sorted((root / source).rglob("*")):
            if path.suffix in {".py", ".html"} and "migrations" not in path.parts:
                yield from texts_of(path.relative_to(root), path.read_text(encoding="utf-8"))


def texts_of(file: Path, content: str) -> Iterator[Text]:
    """The texts of one file."""
    if file.suffix == ".html":
        # Python-like text of which only the calls matter; the brackets make its indentation matter to nobody.
        content = f"(\n{templatize(content, origin=str(file))}\n)"
    for _line, words, _comments, context in extract("python", io.BytesIO(content.encode()), KEYWORDS):
        plural = isinstance(words, tuple | list)
        yield Text(file.as_posix(), (words[0], words[1]) if plural else str(words), context)


def collect(root: Path) -> dict[str, Catalog]:
    """What each area says, untranslated."""
    areas = areas_of(root)
    found: dict[str, Catalog] = {area: Catalog() for area in sorted(areas | {FRAME})}
    everything = list(texts(root))
    framed = {(text.words, text.context) for text in everything if area_of(Path(text.file), areas) == FRAME}
    for text in everything:
        area = FRAME if (text.words, text.context) in framed else area_of(Path(text.file), areas)
        found[area].add(text.words, locations=[(text.file, 0)], context=text.context)
    return found


def catalogue_path(root: Path, area: str, language: str) -> Path:
    """Where the catalogue of an area stands."""
    return root / "locale" / area / language / "LC_MESSAGES" / "django.po"


def read(path: Path, language: str) -> Catalog:
    """A catalogue, or an empty one."""
    if not path.exists():
        return Catalog(locale=language, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update(root: Path, area: str, language: str, template: Catalog, *, prune: bool) -> Catalog:
    """Bring the catalogue of an area up to what its pages say, and compile it. Translations of texts that are gone stay until ``prune``."""
    path = catalogue_path(root, area, language)
    catalogue = read(path, language)
    catalogue.update(template, no_fuzzy_matching=True, update_header_comment=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(as_po(catalogue, prune=prune))
    path.with_suffix(".mo").write_bytes(as_mo(catalogue))
    return catalogue


def as_po(catalogue: Catalog, *, prune: bool) -> bytes:
    """The catalogue as text. No dates and line numbers, so that it changes only when its texts do."""
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=0, sort_output=True, omit_header=True, include_lineno=False, ignore_obsolete=prune)
    plural = f'"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {catalogue.plural_forms}\\n"\n'
    return f'msgid ""\nmsgstr ""\n{plural}\n'.encode() + buffer.getvalue()


def as_mo(catalogue: Catalog) -> bytes:
    """The catalogue as Django reads it."""
    buffer = io.BytesIO()
    lean = Catalog(locale=catalogue.locale, fuzzy=False, project="", version="", creation_date=NO_DATE, revision_date=NO_DATE)
    for message in catalogue:
        if message.id and message.string:
            lean.add(message.id, message.string, context=message.context)
    write_mo(buffer, lean)
    return buffer.getvalue()


def missing(catalogue: Catalog, template: Catalog) -> list[str]:
    """The texts of ``template`` that ``catalogue`` does not translate."""
    gaps = []
    for message in template:
        known = catalogue.get(message.id, message.context) if message.id else None
        if message.id and (known is None or known.fuzzy or not known.string or (isinstance(known.string, tuple) and not all(known.string))):
            gaps.append(message.id if isinstance(message.id, str) else message.id[0])
    return gaps

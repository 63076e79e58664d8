"""Nothing inline, nothing evaluated, nothing from elsewhere, in any template and static file; vendored files are what they claim to be."""

import hashlib
import re
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STATIC = sorted(
    path for path in (ROOT / "static").rglob("*") if path.suffix in {".css", ".js", ".svg", ".html", ".json"} and "vendor" not in path.parts
)
VENDORED = sorted(path for path in (ROOT / "static/vendor").iterdir() if path.name != "README.md" and not path.name.endswith("LICENSE"))

FORBIDDEN_IN_TEMPLATES = {
    "inline style": r"<style[\s>]|<[^>{]*\sstyle\s*=",
    "inline script": r"<script(?![^>]*\ssrc=)[^>]*>",
    "event handler": r"<[^>]*\son[a-z]+\s*=",
    "evaluated htmx": r"hx-on|hx-vals\s*=\s*[\"']\s*js:|hx-headers\s*=\s*[\"']\s*js:|hx-trigger\s*=\s*\"[^\"]*\[",
    "address elsewhere": r"(?:href|src|action|srcset|hx-(?:get|post|put|patch|delete))\s*=\s*[\"'](?:https?:)?//",
    "javascript address": r"javascript:",
    "escaping off": r"autoescape off|\|safeseq",
}
FORBIDDEN_IN_STATIC = {
    "address elsewhere": r"(?:url\(\s*|@import\s+|from\s+|import\s*\(\s*|fetch\(\s*)[\"']?(?:https?:)?//",
    "evaluation": r"\beval\s*\(|new Function\s*\(|set(?:Timeout|Interval)\s*\(\s*[\"'`]",
    "HTML written": r"\.outerHTML\s*=|insertAdjacentHTML|document\.write",
}
HTML_FROM_DJANGO = {"templates/parts/field.html"}
"""Where ``|safe`` marks Django's own list of password rules."""


def found(text: str, forbidden: dict[str, str]) -> set[str]:
    """What is wrong with a text."""
    return {name for name, pattern in forbidden.items() if re.search(pattern, text, re.IGNORECASE)}


def without_comments(text: str) -> str:
    """A template without its comments, which may name what is forbidden."""
    return re.sub(r"\{% comment %\}.*?\{% endcomment %\}", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_are_clean(path: Path) -> None:
    text = without_comments(path.read_text(encoding="utf-8"))
    assert found(text, FORBIDDEN_IN_TEMPLATES) == set()
    if str(path.relative_to(ROOT)) not in HTML_FROM_DJANGO:
        assert "|safe" not in text


@pytest.mark.parametrize("path", STATIC, ids=lambda path: str(path.relative_to(ROOT)))
def test_static_files_are_clean(path: Path) -> None:
    assert found(path.read_text(encoding="utf-8"), FORBIDDEN_IN_STATIC) == set()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('<p style="color: red">', "inline style"),
        ("<style>", "inline style"),
        ("<script>alert(1)</script>", "inline script"),
        ('<script type="module">', "inline script"),
        ('<a onclick="x()">', "event handler"),
        ('<a hx-on:click="x()">', "evaluated htmx"),
        ("<a hx-vals='js:{a: 1}'>", "evaluated htmx"),
        ('<a hx-trigger="click[ctrlKey]">', "evaluated htmx"),
        ('<img src="https://example.org/x.png">', "address elsewhere"),
        ('<link href="//cdn.example/x.css">', "address elsewhere"),
        ('<a href="javascript:x()">', "javascript address"),
    ],
)
def test_what_is_forbidden_would_be_found(text: str, name: str) -> None:
    assert name in found(text, FORBIDDEN_IN_TEMPLATES)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("@import url(https://fonts.example/x.css);", "address elsewhere"),
        ('import x from "https://cdn.example/x.js";', "address elsewhere"),
        ("eval(text)", "evaluation"),
        ("document.write(text)", "HTML written"),
    ],
)
def test_what_is_forbidden_in_static_files_would_be_found(text: str, name: str) -> None:
    assert name in found(text, FORBIDDEN_IN_STATIC)


def test_colours_come_from_the_tokens() -> None:
    strays = {}
    for path in (ROOT / "static/css").rglob("*.css"):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        colours = re.findall(r"#[0-9a-f]{3,8}\b(?=[^{}]*[;}])|\b(?:hsl|oklch)a?\(", text, re.IGNORECASE)
        if path.name != "tokens.css" and colours:
            strays[str(path)] = colours
    assert strays == {}


def test_styles_keep_to_their_layers() -> None:
    for path in (ROOT / "static/css").rglob("*.css"):
        layer = "pages" if path.parent.name == "pages" else path.stem
        assert re.search(rf"^@layer {layer} {{", path.read_text(encoding="utf-8"), re.MULTILINE), path


def test_every_icon_that_is_used_exists() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static/icons.svg").read_text(encoding="utf-8")))
    used = {name for path in TEMPLATES for name in re.findall(r"{% icon [\"']([\w-]+)[\"']", path.read_text(encoding="utf-8"))}
    used |= {name for path in TEMPLATES for name in re.findall(r"\bicon=[\"']([\w-]+)[\"']", path.read_text(encoding="utf-8"))}
    assert used
    assert used - drawn == set()


def test_vendored_files_are_what_they_claim() -> None:
    page = (ROOT / "static/vendor/README.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| ([\w.-]+) \|.*\| `([0-9a-f]{64})` \|$", page, re.MULTILINE))
    assert told == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VENDORED}
    for licence in re.findall(r"\]\(([\w.-]+)\)", page):
        assert (ROOT / "static/vendor" / licence).stat().st_size > 100

"""Every text has a Korean translation, with the same placeholders, compiled."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import translation

from studio.management.translations import area_of, as_mo, as_po, catalogue_path, collect, missing, read, texts_of, update
from tests.architecture.tree import ROOT

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]
COLLECTED = {area: template for area, template in collect(ROOT).items() if len(template)}
AREAS = sorted((area, language) for area in COLLECTED for language in LANGUAGES)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}|<[^>]+>")


@pytest.mark.parametrize(("area", "language"), AREAS)
def test_everything_is_translated(area: str, language: str) -> None:
    assert missing(read(catalogue_path(ROOT, area, language), language), COLLECTED[area]) == []


@pytest.mark.parametrize(("area", "language"), AREAS)
def test_placeholders_and_tags_are_kept(area: str, language: str) -> None:
    wrong = []
    for message in read(catalogue_path(ROOT, area, language), language):
        originals = message.id if isinstance(message.id, tuple | list) else [message.id]
        strings = message.string if isinstance(message.string, tuple | list) else [message.string]
        expected = set(PLACEHOLDER.findall(originals[-1]))
        wrong += [text for text in strings if message.id and text and set(PLACEHOLDER.findall(text)) != expected]
    assert wrong == []


@pytest.mark.parametrize(("area", "language"), AREAS)
def test_catalogues_are_compiled(area: str, language: str) -> None:
    path = catalogue_path(ROOT, area, language)
    assert path.with_suffix(".mo").read_bytes() == as_mo(read(path, language)), "run: ./bin/studio manage translations"


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_text_has_one_translation(language: str) -> None:
    """Django merges the catalogues: of two translations of a text one would win."""
    known: dict[object, object] = {}
    for area in COLLECTED:
        for message in read(catalogue_path(ROOT, area, language), language):
            if message.id:
                key = (str(message.id), message.context)
                assert known.setdefault(key, message.string) == message.string, key


def test_texts_are_found_in_templates_and_code() -> None:
    template = """{% extends "x" %}{% block a %}{% translate "One" %} it's
      {% blocktranslate count n=n %}{{ n }} thing{% plural %}{{ n }} things{% endblocktranslate %}
        {% include "y" with a=_("Two") %}{# no text #}{% comment %}{% translate "not" %}{% endcomment %}{% endblock %}"""
    words = [text.words for text in texts_of(Path("templates/runs/x.html"), template)]
    assert words == ["One", ("%(n)s thing", "%(n)s things"), "Two"]
    code = 'a = _("Three")\nb = ngettext("%(n)d day", "%(n)d days", n)\nc = pgettext("of a list", "Four")\n'
    assert [(text.words, text.context) for text in texts_of(Path("x.py"), code)] == [
        ("Three", None),
        (("%(n)d day", "%(n)d days"), None),
        ("Four", "of a list"),
    ]


def test_areas_have_catalogues_of_their_own() -> None:
    areas = frozenset({"runs"})
    assert area_of(Path("templates/runs/list.html"), areas) == "runs"
    assert area_of(Path("studio/web/runs/list.py"), areas) == "runs"
    assert area_of(Path("templates/parts/pager.html"), areas) == "frame"
    assert area_of(Path("studio/access/members.py"), areas) == "frame"


def test_translations_survive_an_update(tmp_path: Path) -> None:
    first, second = Catalog(), Catalog()
    first.add("Old")
    first.add("Both")
    second.add("Both")
    catalogue = update(tmp_path, "runs", "ko", first, prune=False)
    catalogue["Both"].string = "둘 다"
    catalogue["Old"].string = "옛"
    path = catalogue_path(tmp_path, "runs", "ko")
    path.write_bytes(as_po(catalogue, prune=False))
    assert missing(update(tmp_path, "runs", "ko", second, prune=False), second) == []
    assert "옛" in path.read_text(encoding="utf-8"), "a text that is gone may come back"
    again = update(tmp_path, "runs", "ko", first, prune=False)
    assert missing(again, first) == []
    update(tmp_path, "runs", "ko", second, prune=True)
    assert "옛" not in path.read_text(encoding="utf-8")


def test_pages_speak_korean() -> None:
    client = Client()
    client.cookies["language"] = "ko"
    page = client.get(reverse("access:sign_in")).content.decode()
    assert '<html lang="ko"' in page
    assert "로그인" in page
    with translation.override("ko"):
        assert translation.gettext("Sign in") == "로그인"


def test_browsers_are_answered_in_their_language() -> None:
    assert b'lang="ko"' in Client(headers={"accept-language": "ko-KR,ko;q=0.9,en;q=0.5"}).get(reverse("access:sign_in")).content
    assert b'lang="en"' in Client(headers={"accept-language": "fr"}).get(reverse("access:sign_in")).content

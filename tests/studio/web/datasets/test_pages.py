"""Dataset versions and their files in the browser."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from studio.models import Role
from tests.builders_runs import a_run, install
from tests.people import signed_in
from tests.studio.web.datasets.builders import CONTENT, an_export

pytestmark = pytest.mark.django_db

BrowserOf = Callable[[Role], Client]


def test_nobody_is_sent_to_sign_in_and_a_stranger_sees_nothing(tmp_path: Path, client: Client, stranger: User) -> None:
    install()
    urls = [reverse("datasets:index"), reverse("datasets:download", args=[an_export(folder=tmp_path).pk])]
    assert [client.get(url).status_code for url in urls] == [302, 302]
    assert [signed_in(stranger).get(url).status_code for url in urls] == [404, 404]


def test_a_file_comes_as_it_was_written(tmp_path: Path, browser_of: BrowserOf) -> None:
    install()
    export = an_export(folder=tmp_path)
    answer = browser_of(Role.OPERATOR).get(reverse("datasets:download", args=[export.pk]))
    assert b"".join(answer.streaming_content) == CONTENT  # type: ignore[attr-defined]
    assert answer["Content-Disposition"] == f'attachment; filename="run-{export.version.run_id}-openai.jsonl"'


def test_those_who_may_only_look_get_no_link_and_no_file(tmp_path: Path, browser_of: BrowserOf) -> None:
    install()
    url = reverse("datasets:download", args=[an_export(folder=tmp_path).pk])
    browser = browser_of(Role.VIEWER)
    assert browser.get(url).status_code == 404
    assert url not in browser.get(reverse("datasets:index")).content.decode()


@pytest.mark.parametrize("change", ["gone", "cut"])
def test_a_file_that_is_gone_or_cut_says_so_and_how_to_make_it_again(change: str, tmp_path: Path, browser_of: BrowserOf) -> None:
    install()
    export = an_export(folder=tmp_path)
    if change == "gone":
        Path(export.path).unlink()
    else:
        Path(export.path).write_bytes(b"{")
    answer = browser_of(Role.OWNER).get(reverse("datasets:download", args=[export.pk]))
    assert answer.status_code == 404
    assert f"--resume {export.version.run_id}" in answer.content.decode()


def test_a_file_that_never_was_is_not_found(browser_of: BrowserOf) -> None:
    assert browser_of(Role.OWNER).get(reverse("datasets:download", args=[99])).status_code == 404


def test_names_of_strangers_are_shown_as_text(tmp_path: Path, browser_of: BrowserOf) -> None:
    install()
    an_export(folder=tmp_path, name="<script>alert(1)</script>\u202e")
    page = browser_of(Role.VIEWER).get(reverse("datasets:index")).content.decode()
    assert "<script>alert(1)" not in page and "&lt;script&gt;" in page and "\u202e" not in page


def test_the_list_asks_the_same_few_queries_however_long(tmp_path: Path, browser_of: BrowserOf) -> None:
    install()
    run, browser = a_run(1), browser_of(Role.OWNER)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(reverse("datasets:index")).status_code == 200
        return len(asked)

    an_export(run, tmp_path)
    few = queries()
    for _ in range(60):
        an_export(run, tmp_path)
    assert queries() == few <= 8
    assert "after=" in browser.get(reverse("datasets:index")).content.decode()

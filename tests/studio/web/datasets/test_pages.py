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
    export = an_export(folder=tmp_path)
    urls = [
        reverse("datasets:index"),
        reverse("datasets:new"),
        reverse("datasets:version", args=[export.version_id]),
        reverse("datasets:rows", args=[export.version_id]),
        reverse("datasets:download", args=[export.pk]),
        reverse("datasets:manifest", args=[export.pk]),
    ]
    assert {client.get(url).status_code for url in urls} == {302}
    assert {signed_in(stranger).get(url).status_code for url in urls} == {404}


def test_a_file_comes_as_it_was_written(tmp_path: Path, browser_of: BrowserOf) -> None:
    install()
    export = an_export(folder=tmp_path)
    answer = browser_of(Role.OPERATOR).get(reverse("datasets:download", args=[export.pk]))
    assert b"".join(answer.streaming_content) == CONTENT  # type: ignore[attr-defined]
    assert answer["Content-Disposition"] == f'attachment; filename="{export.version.dataset.slug}-openai.jsonl"'


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
    assert reverse("datasets:export", args=[export.version_id]) in answer.content.decode()


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

    an_export(run, tmp_path, slug="first")
    few = queries()
    for number in range(40):
        an_export(run, tmp_path, slug=f"more-{number}")
    assert queries() == few <= 10
    assert "after=" in browser.get(reverse("datasets:index")).content.decode()


def test_a_dataset_is_one_line_with_its_newest_version(tmp_path: Path, browser_of: BrowserOf) -> None:
    install()
    run = a_run(1)
    older, newer = an_export(run, tmp_path), an_export(run, tmp_path)
    page = browser_of(Role.OWNER).get(reverse("datasets:index")).content.decode()
    assert reverse("datasets:version", args=[newer.version_id]) in page
    assert reverse("datasets:version", args=[older.version_id]) not in page
    beside = browser_of(Role.OWNER).get(reverse("datasets:version", args=[newer.version_id])).content.decode()
    assert reverse("datasets:version", args=[older.version_id]) in beside


@pytest.mark.parametrize(
    ("wanted", "status", "content"),
    [
        ("bytes=0-3", 206, CONTENT[:4]),
        ("bytes=4-", 206, CONTENT[4:]),
        ("bytes=-5", 206, CONTENT[-5:]),
        ("bytes=0-99999", 200, CONTENT),
        ("bytes=2-5,7-8", 200, CONTENT),
        ("lines=1-2", 200, CONTENT),
        ("bytes=99-", 416, b""),
    ],
)
def test_a_broken_download_goes_on_where_it_stopped(
    wanted: str, status: int, content: bytes, tmp_path: Path, browser_of: BrowserOf
) -> None:
    install()
    url = reverse("datasets:download", args=[an_export(folder=tmp_path).pk])
    answer = browser_of(Role.OPERATOR).get(url, headers={"Range": wanted})
    assert answer.status_code == status
    assert b"".join(answer.streaming_content if answer.streaming else [answer.content]) == content  # type: ignore[attr-defined]
    if status == 206:
        assert answer["Content-Range"].endswith(f"/{len(CONTENT)}") and int(answer["Content-Length"]) == len(content)


def test_whoever_has_the_file_or_another_one_is_told(tmp_path: Path, browser_of: BrowserOf) -> None:
    install()
    export = an_export(folder=tmp_path)
    url, browser = reverse("datasets:download", args=[export.pk]), browser_of(Role.OPERATOR)
    assert browser.get(url, headers={"If-None-Match": f'"{export.sha256}"'}).status_code == 304
    changed = browser.get(url, headers={"Range": "bytes=4-", "If-Range": '"another"'})
    assert changed.status_code == 200, "a piece of another file would spoil what is there"

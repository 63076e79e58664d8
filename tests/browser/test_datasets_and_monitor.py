"""Datasets, monitor and home in a browser: the main flow, no barrier, no violation of the policy, both widths and themes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
from django.contrib.auth.models import User
from django.db import connection

from judging.services import dataset_build
from studio.pipelines.exports import export_job_run
from tests.browser.conftest import Watched
from tests.builders_many import many_episodes
from tests.studio.api.things import judged_run

pytestmark = pytest.mark.browser

T = TypeVar("T")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
def test_pages_are_sound(owner: User, open_page: Callable[..., Watched], narrow: bool, dark: bool) -> None:
    version = dataset_build(run=many_episodes(300, days=2, failing=0.3))
    window = open_page(owner, narrow=narrow, dark=dark)
    pages = ("/", "/?runs=all", "/monitor/?window=week", "/monitor/episodes/", "/datasets/", "/datasets/new/")
    for path in (*pages, f"/datasets/versions/{version.pk}/rows/?gate=checks"):
        window.open(path)
        assert window.barriers() == [], path
        assert window.fits(), path
    assert window.faults == []


def elsewhere(deed: Callable[[], T]) -> T:
    """Do it as a worker would: in a thread of its own, since Playwright's event loop is running in this one."""

    def done() -> T:
        try:
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(done).result()


def two_talks() -> None:
    """A finished run of two judged talks that read the same."""
    run = judged_run()
    run.counts = {"judged": 2}
    run.save()


def test_a_dataset_is_chosen_made_and_downloaded(owner: User, open_page: Callable[..., Watched], tmp_path: Path) -> None:
    elsewhere(two_talks)
    window = open_page(owner)
    page = window.open("/datasets/new/")
    assert page.locator("#kept").inner_text() == "1", "the second talk reads the same"
    page.check("#rule [name=duplicates]")
    page.locator("#kept", has_text="2").wait_for()
    page.locator("#rule [name=threshold]").focus()
    page.keyboard.press("End")
    page.locator(".figures", has_text="5.0").wait_for()
    page.keyboard.press("Home")
    page.locator(".figures", has_text="0.0").wait_for()
    assert "threshold=0" in page.url and "duplicates=on" in page.url, "a link to it says what is seen"
    page.fill("#make [name=name]", "Both talks")
    page.click("#make button")
    page.wait_for_url("**/datasets/jobs/*/")
    assert window.barriers() == []
    job = int(page.url.rstrip("/").rsplit("/", 1)[1])
    assert elsewhere(partial(export_job_run, job_id=job)) == "done"
    page.wait_for_url("**/datasets/versions/*/")
    assert page.locator("h1").inner_text().startswith("Both talks")
    assert page.locator(".talk li").count() > 3
    assert window.barriers() == []
    with page.expect_download() as download:
        page.click("text=openai >> nth=0")
    assert download.value.suggested_filename == "both-talks-v1-openai.jsonl"
    download.value.save_as(tmp_path / "file.jsonl")
    assert (tmp_path / "file.jsonl").read_text("utf-8").count("\n") == 2
    assert window.faults == []


def test_the_what_if_works_without_scripts(owner: User, open_page: Callable[..., Watched]) -> None:
    many_episodes(100)
    page = open_page(owner, scripts=False).open("/datasets/new/?threshold=0")
    all_of_them = page.locator("#kept").inner_text()
    page.locator("#rule [name=threshold]").focus()
    page.keyboard.press("End")
    page.click("text=Recount")
    assert page.locator("#kept").inner_text() != all_of_them

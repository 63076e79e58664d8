"""What ``test_planted_key_in_a_run`` does inside an installation after a run: a call that crashes, a key that is refused, files of every
format, every page and every answer of REST that a link or the schema leads to. Prints where a secret was found, and what was looked at, as
JSON.

``python -m tests.studio.planted_key_walk OUT SECRET...``
"""

import html
import json
import logging
import re
import sys
from collections import Counter
from itertools import islice, product
from pathlib import Path
from typing import Any

EACH = 3
"""Addresses of one view that are opened."""
LINK = re.compile(r'(?:href|hx-get|src)="(/[^"#]*)')
NO_WALK = ("sign_out", "logout", "static")


class Walk:
    """Looks for ``secrets``; ``found`` is where, ``seen`` how much of what kind was looked at."""

    def __init__(self, secrets: list[str]) -> None:
        self.secrets = [secret.encode() for secret in secrets]
        self.found: list[str] = []
        self.seen: Counter[str] = Counter()

    def look(self, kind: str, where: str, said: bytes) -> None:
        """Look into one text."""
        self.seen[kind] += 1
        for number, secret in enumerate(self.secrets):
            if secret in said:
                before = said.partition(secret)[0][-120:].decode(errors="replace")
                self.found.append(f"{kind} {where}: secret {number} after {before!r}")


def crash(walk: Walk) -> None:
    """A run in which every call raises what nobody expects, with the key in the frames around it."""
    from django.views.debug import ExceptionReporter

    from studio.pipelines.simulate import play_slice, slice_limits
    from synthesis.adapters.model_client.wire import Wire
    from synthesis.models import Episode
    from tests.builders_runs import a_run

    class Reports(logging.Handler):
        """Every error as Django's own pages and mails tell it."""

        def emit(self, record: logging.LogRecord) -> None:
            if record.exc_info:
                reporter = ExceptionReporter(None, *record.exc_info)
                walk.look("report", record.name, (reporter.get_traceback_html() + reporter.get_traceback_text()).encode())

    def broken(self: Wire, response: Any, body: bytes) -> Any:
        raise RuntimeError(f"lost {len(body)} bytes of {response.status_code}")

    reports, whole = Reports(), Wire._answer
    logging.getLogger().addHandler(reports)
    Wire._answer = broken  # type: ignore[method-assign]
    try:
        run = a_run(1, seats={"agent": "model:leaky-agent"})
        play_slice(slice_id=asked(run.pk), limits=slice_limits(width=1, idle=20.0))
    finally:
        Wire._answer = whole  # type: ignore[method-assign]
        logging.getLogger().removeHandler(reports)
    failed = Episode.objects.get(run=run)
    assert failed.status == "failed" and "RuntimeError: lost" in failed.failure["detail"], (failed.status, failed.failure)


def asked(run: int) -> int:
    """A slice of a run that somebody may take."""
    from datetime import timedelta

    from django.utils import timezone

    from synthesis.services import leases

    return leases.slice_ask(run_id=run, patience=timedelta(seconds=30), now=timezone.now())


def refuse(walk: Walk) -> None:
    """A run whose key is refused, with a word about the key: it stands still and says why."""
    from studio.pipelines.simulate import play_slice, slice_limits
    from synthesis.models import Run
    from tests.builders_runs import a_run

    run = a_run(1, seats={"agent": "model:leaky-refused"})
    play_slice(slice_id=asked(run.pk), limits=slice_limits(width=1))
    stopped = Run.objects.get(pk=run.pk).stopped
    assert stopped and stopped["kind"] == "no_access" and "[key]" in stopped["detail"], stopped


def files(walk: Walk, out: Path) -> None:
    """Files in every format of the whole run, and of one whose plays make preference pairs, since its user is the same in each."""
    from django.utils import timezone

    from judging.engine.formats.registry import FORMATS
    from judging.services import dataset_build
    from judging.services.exports import export_write
    from judging.services.pairs import pairs_find, pairs_settle
    from studio.pipelines.simulate import play_slice, slice_limits
    from synthesis.models import Episode, Run
    from tests.builders_runs import a_run

    first = Run.objects.order_by("pk")[0]
    paired = a_run(8, plays=4, seats={"agent": "model:leaky-agent"})
    same = Episode.objects.filter(run=paired).order_by("index").values("cast", "seed")[0]
    Episode.objects.filter(run=paired).update(**same)
    play_slice(slice_id=asked(paired.pk), limits=slice_limits(width=8, idle=5.0))
    pairs_find(run_id=paired.pk, now=timezone.now())
    pairs_settle()
    for run in (first, paired):
        for export in export_write(version=dataset_build(run=run), formats=list(FORMATS), directory=out / str(run.pk)):
            walk.seen[f"rows of {export.format}"] += export.rows


def pages(walk: Walk, browser: Any) -> None:
    """Every page that links lead to, a few of each view."""
    from django.urls import Resolver404, resolve

    from synthesis.models import Run

    waiting = ["/", *(f"/runs/{run}/" for run in Run.objects.values_list("pk", flat=True)), "/models/", "/models/usage/"]
    known, views = set(waiting), Counter[str]()
    while waiting:
        address = waiting.pop(0)
        try:
            view = resolve(address.partition("?")[0]).view_name
        except Resolver404:
            continue
        views[view] += 1
        if views[view] > EACH or any(word in view for word in NO_WALK):
            continue
        response = browser.get(address)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        assert response.status_code < 500, address
        walk.look(f"page {view}", address, body)
        if "html" in response.headers.get("content-type", ""):
            fresh = [html.unescape(link) for link in LINK.findall(body.decode()) if html.unescape(link) not in known]
            known.update(fresh)
            waiting += fresh


def rest(walk: Walk, caller: Any) -> None:
    """Every operation that reads, about whatever there is."""
    from studio.api.docs import openapi
    from synthesis.models import Episode, ModelEndpoint, Run

    there: list[Any] = [*Run.objects.values_list("pk", flat=True), *Episode.objects.order_by("pk").values_list("pk", flat=True)[:4]]
    there += [*ModelEndpoint.objects.values_list("slug", flat=True), "vet_clinic", 0]
    for path, operations in openapi()["paths"].items():
        names = re.findall(r"{(\w+)}", path)
        for values in islice(product(there, repeat=len(names)), 40) if "get" in operations else ():
            address = path
            for name, value in zip(names, values, strict=True):
                address = address.replace("{" + name + "}", str(value))
            response = caller.get(address)
            assert response.status_code < 500, address
            if response.status_code == 200:
                walk.look(f"rest {path}", address, b"".join(response.streaming_content) if response.streaming else response.content)


def main() -> None:
    """See the module."""
    import django

    django.setup()
    from django.conf import settings
    from django.test.utils import setup_test_environment

    from studio.models import Role
    from studio.pipelines.keys import vault
    from synthesis.models import Event, ModelEndpoint
    from tests.people import make_person, signed_in
    from tests.studio.api.conftest import Caller

    out, *planted = sys.argv[1:]
    setup_test_environment()
    kept = settings.STUDIO_ENCRYPTION_KEY_FILE
    assert kept is not None
    walk = Walk([*planted, *kept.read_text().split(), settings.SECRET_KEY])
    owner = make_person("keeper", Role.OWNER)
    assert {vault().unlock(row.key) for row in ModelEndpoint.objects.all()} == set(planted[:2])
    refuse(walk)
    crash(walk)
    files(walk, Path(out))
    pages(walk, signed_in(owner))
    rest(walk, Caller(owner))
    hidden = sum("[key]" in json.dumps(payload) for payload in Event.objects.values_list("payload", flat=True))
    print(json.dumps({"found": walk.found, "seen": walk.seen, "hidden": hidden}))


if __name__ == "__main__":
    main()

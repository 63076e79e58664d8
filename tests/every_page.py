"""Every page that can be opened, as the access matrix knows them: a new page is found here as soon as it has an entry there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import DatabaseError, transaction
from django.urls import reverse

from judging.models import CheckResult, CriterionScore, Judgement
from judging.services import rubric_install, starter_rubric
from synthesis.models import Episode, Run
from tests.builders_logs import an_episode, append, call, close, end, result, says, start
from tests.builders_runs import a_run, install, queued
from tests.studio.web.test_access_matrix import ENTRIES

NO_PAGES = ("api:",)
"""Interfaces for programs."""


@dataclass(frozen=True)
class Opened:
    """A page of the studio: its URL name and where it is."""

    name: str
    path: str


def every_page(own: Mapping[str, Mapping[str, Any]] | None = None) -> list[Opened]:
    """All pages of the matrix that are opened with GET, with what they name made once in the present database.

    ``own``: arguments that a test wants instead, by URL name. Two entries may want to make the same thing; the later one is then made
    without its fellows, so a page that cannot be made is an error.
    """
    made: dict[Callable[[], Any], Mapping[str, Any]] = {}
    pages = []
    for name, entry in sorted(ENTRIES.items()):
        if entry.method != "get" or name.startswith(NO_PAGES):
            continue
        if own and name in own:
            arguments = own[name]
        else:
            if entry.arguments not in made:
                made[entry.arguments] = _made(name, entry.arguments)
            arguments = made[entry.arguments]
        query = f"?{urlencode(entry.query)}" if entry.query else ""
        pages.append(Opened(name, reverse(name, kwargs=dict(arguments)) + query))
    return pages


def _made(name: str, arguments: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    try:
        with transaction.atomic():
            return arguments()
    except DatabaseError as error:
        raise AssertionError(f"what {name} names cannot be made beside what the others name: {error}") from error


def rich_studio() -> dict[str, Mapping[str, Any]]:
    """A judged run, and in it an episode whose log has every kind of step; arguments for the pages that show them."""
    install()
    run = a_run(1)
    queued(run)
    episode = an_episode(run=run)
    delta = [{"table": "visits", "key": "A-1", "before": {"note": "an old note"}, "after": {"note": "a new note", "by": "the front desk"}}]
    append(
        episode,
        start(),
        says("user", "Good day to you."),
        says("agent", "One moment, please.", call("find_pet", "c1", name="a long name"), call("add_note", "c2", text="a new note")),
        result("c1", [{"name": "the first pet", "note": "it is shy"}, {"name": "the second pet", "note": "it is not"}]),
        result("c2", {"done": "it was written"}, delta=delta),
        says("agent", "And again.", call("add_note", "c3", text="one more note")),
        result("c3", error={"code": "not_found", "message": "there is no such pet"}, fault={"kind": "timeout", "took_place": False}),
        {"kind": "note", "head": "a note in between", "payload": {"text": "something to be told", "reason": "it was so"}},
        {"kind": "handoff", "head": "another agent takes over", "payload": {"to": "the other desk", "reason": "it knows more"}},
        {"kind": "user_feedback", "head": "the user was not pleased", "payload": {"text": "that took too long", "score": 2}},
        end(),
    )
    close(episode)
    Run.objects.filter(pk=run.pk).update(status="finished")
    _judge(episode)
    here = {"episode_id": episode.pk}
    return {
        "runs:run": {"run_id": run.pk},
        "runs:panel": {"run_id": run.pk},
        "runs:episode": here,
        "runs:step": {**here, "seq": 4},
        "runs:raw": {**here, "seq": 4},
    }


def _judge(episode: Episode) -> None:
    """A judgement that finds fault with everything."""
    version = rubric_install(rubric=starter_rubric())
    blame = {"party": "agent", "tag": "missing_call", "severity": "high", "failed_check": "required_calls"}
    digests = {"judge_version": "j" * 64, "exact_digest": "e" * 64, "structural_digest": "s" * 64}
    found = {
        "overall": 2.1,
        "passed": False,
        "process_credit": 0.5,
        "reason": "a call was missing",
        "flaw": "it is no row",
        "first_event": 4,
    }
    judgement = Judgement.objects.create(episode=episode, decides=True, rubric_version=version, **blame, **digests, **found)
    for criterion in version.criteria.all():
        CriterionScore.objects.create(judgement=judgement, criterion=criterion, value=1, reason="it was not good", evidence=[4])
    CheckResult.objects.create(judgement=judgement, check_id="required_calls", reason="a call was missing", evidence=[4], **_only(blame))


def _only(blame: Mapping[str, str]) -> dict[str, str]:
    return {name: blame[name] for name in ("party", "tag", "severity")}

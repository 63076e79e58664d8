"""Which episodes of a run are looked at: filters of the grid and of the list, as the query string gives them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from judging.selectors import verdicts
from studio.access.blindness import hidden_episodes
from studio.access.doors import person
from studio.access.permissions import can
from studio.web.runs.states import EPISODE_STATES
from synthesis.models import Episode, Run
from synthesis.selectors import episodes

BLAME = re.compile(r"[a-z]{1,14}:\w{1,40}")
VERDICT_WORDS: dict[str, str | Promise] = {"passed": _("passed"), "failed": _("did not pass")}


class Filters:
    """``chosen`` is what the query string says, without what is no choice. Verdicts are offered only to those who may see judgements."""

    def __init__(self, request: HttpRequest, run: Run) -> None:
        self.run = run
        self.sees_scores = can(person(request), "judgements.view")
        self.hidden = hidden_episodes(person(request)) if self.sees_scores else frozenset()
        self.tables: dict[str, Mapping[str, str | Promise]] = {
            "status": {name: label for name, (_kind, label) in EPISODE_STATES.items()},
            "domain": {slug: slug for slug in run.releases},
            "variation": {name: name.replace("_", " ") for name in run.variations},
        }
        if self.sees_scores:
            self.tables["verdict"] = VERDICT_WORDS
            # Offered where a link chose it: what is to blame is told by the page of the run.
            if BLAME.fullmatch(blame := request.GET.get("blame", "")):
                self.tables["blame"] = {blame: blame.replace(":", ": ")}
        asked = {name: request.GET.get(name, "") for name in self.tables}
        self.chosen = {name: value for name, value in asked.items() if value in self.tables[name]}

    def rows(self, after: int, limit: int) -> list[Episode]:
        """The episodes that fit, after index ``after``, in order of index."""
        if self.chosen.keys() & {"verdict", "blame"}:
            return verdicts.episodes_of_run(self.run.pk, after=after, limit=limit, without=self.hidden, **self.chosen)
        return episodes.episodes_of_run(self.run.pk, after=after, limit=limit, **self.chosen)

    def verdicts(self, rows: Sequence[Episode]) -> dict[int, verdicts.Verdict]:
        """The verdicts on these episodes, as far as this person may see them."""
        return verdicts.verdicts_of({row.pk for row in rows} - set(self.hidden)) if self.sees_scores else {}

    def shown(self) -> list[tuple[str, Any, Any, str]]:
        """For the form: name, label, choices, what is chosen."""
        labels = {"status": _("State"), "domain": _("Domain"), "variation": _("Variation"), "verdict": _("Verdict"), "blame": _("To blame")}
        return [(name, labels[name], table.items(), self.chosen.get(name, "")) for name, table in self.tables.items()]

    def query(self) -> str:
        """The choices as a query string."""
        return urlencode(self.chosen)

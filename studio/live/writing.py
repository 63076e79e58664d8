"""What a page shows of a message that a model is still writing: it keeps the watch, and draws the words. Blocking."""

from collections.abc import Mapping
from datetime import timedelta
from time import monotonic
from typing import Any, NamedTuple

from django.template.loader import render_to_string
from django.utils import timezone

from synthesis.engine.participants.cast import model_of
from synthesis.selectors.episodes import Step
from synthesis.selectors.watches import watch_of
from synthesis.services.watches import watch_end, watch_keep

KEEP = 3.0
"""Seconds between two times that a page says that it is still there."""
GONE = timedelta(seconds=10)
"""After so long without a word from any page nobody watches."""
STALE = timedelta(seconds=60)
"""Words that are older belong to a worker that is gone, or to a model that thinks very long."""
LIVE = frozenset({"planned", "queued", "playing"})


class Writing(NamedTuple):
    """``seat`` (``user`` or ``agent``) has written ``text`` so far of event ``seq``."""

    seat: str
    seq: int
    text: str

    def drawn(self) -> dict[str, Any]:
        """As the page takes it: ``{seat, seq, html}``."""
        return {"seat": self.seat, "seq": self.seq, "html": render_to_string("episodes/writing.html", {"writing": self})}


class Watcher:
    """One page that watches one episode. Without a model in a seat (``seats`` of its cast) there is nothing to watch, and nothing asked."""

    def __init__(self, episode_id: int, seats: Mapping[str, str]) -> None:
        self.episode_id = episode_id
        self.wanted = any(model_of(seats.get(seat)) for seat in ("user", "agent"))
        self.kept: float | None = None

    def look(self, step: Step, after: int) -> Writing | None:
        """What is being written after event ``after``, the last one that the page has."""
        if not self.wanted or step.status not in LIVE:
            return None
        now = timezone.now()
        if self.kept is None or monotonic() - self.kept > KEEP:
            watch_keep(episode_id=self.episode_id, until=now + GONE)
            self.kept = monotonic()
        watch = watch_of(self.episode_id) if step.status == "playing" else None
        if watch is None or not watch.seat or watch.seq != after + 1 or watch.updated is None or now - watch.updated > STALE:
            return None
        return Writing(watch.seat, watch.seq, watch.text)

    def end(self) -> None:
        """The episode is over."""
        if self.wanted:
            watch_end(episode_id=self.episode_id)

"""Conversations as texts whose meaning is compared, and which of them are known already."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from judging.engine.filters import Candidate, Rule, Tally, sift
from judging.models import Judgement
from judging.selectors.candidates import candidates, sources_of
from synthesis.models import Event, ModelEndpoint, Run, TextVector

SAMPLE = 20
CHUNK = 100


class Kept(NamedTuple):
    """An episode that all other gates keep, and the digest of its messages, which names its text."""

    episode_id: int
    exact: str


def kept_without(runs: Sequence[Run], rule: Rule) -> list[Kept]:
    """What ``rule`` keeps of ``runs`` where nobody asks for meaning."""
    episodes: dict[int, int] = {}

    def offered() -> Iterator[Candidate]:
        for row in candidates(sources_of(runs), rule):
            episodes[row.candidate.index] = row.episode_id
            yield row.candidate

    decided = sift(offered(), rule, Tally())
    return [Kept(episodes[one.index], one.exact) for one, decision in decided if not decision.gate]


def known_of(runs: Sequence[Run], endpoint: ModelEndpoint) -> set[str]:
    """Digests of the conversations of ``runs`` whose vectors are there; one query."""
    theirs = Judgement.objects.filter(episode__run__in=runs).values("exact_digest")
    return set(TextVector.objects.filter(endpoint=endpoint, model=endpoint.model, digest__in=theirs).values_list("digest", flat=True))


def texts_of(kept: Sequence[Kept]) -> Iterator[Mapping[str, str]]:
    """What was said in these episodes, by digest: user and agent, turn by turn, without calls and results. CHUNK of them at a time."""
    rest = iter(kept)
    while part := list(islice(rest, CHUNK)):
        said: dict[int, list[str]] = {}
        rows = Event.objects.filter(episode_id__in=[one.episode_id for one in part], kind="message").order_by("episode_id", "seq")
        for episode, payload in rows.values_list("episode_id", "payload").iterator(chunk_size=2000):
            if text := payload.get("text"):
                said.setdefault(episode, []).append(f"{payload.get('role')}: {text}")
        yield {one.exact: "\n".join(said.get(one.episode_id, [])) for one in part}


def sample_of(kept: Sequence[Kept]) -> list[str]:
    """A few such texts, to judge the others from; one query."""
    return [text for part in texts_of(kept[:SAMPLE]) for text in part.values()]

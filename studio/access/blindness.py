"""What people must not see because they are about to say what they think themselves.

For one episode ask ``can(user, "judgements.view", episode_id)``.
"""

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any, cast

from django.contrib.auth.models import User

from judging.selectors.reviews import blind_episodes, blind_places
from studio.access.permissions import can
from synthesis.selectors.scenarios import scenarios_played


def hidden_episodes(user: User) -> Collection[int]:
    """Episodes that this person is reviewing blind: lists leave out what judges and other people think of them."""
    return list(blind_episodes(user.pk))


def hidden_in(context: Mapping[str, Any]) -> Collection[int]:
    """``hidden_episodes`` of whoever asks through REST: read once for each answer, kept in the context of its serializers."""
    kept = cast("dict[str, Any]", context)
    if "hidden_episodes" not in kept:
        kept["hidden_episodes"] = hidden_episodes(kept["request"].user)
    return cast("Collection[int]", kept["hidden_episodes"])


class NamesSeen:
    """Which models play is not told to whoever reviews blind: nothing of an episode they hold, nor of its run. Reads once."""

    def __init__(self, user: User) -> None:
        self.user = user

    @cached_property
    def hidden(self) -> tuple[frozenset[int], frozenset[int]] | None:
        """Runs and episodes whose models this person may not be told of; None: all."""
        if not can(self.user, "judgements.view"):
            return None
        places = list(blind_places(self.user.pk))
        return frozenset(run for run, _episode in places), frozenset(episode for _run, episode in places)

    def of_run(self, run_id: int) -> bool:
        """Whether the names of a run's models may be told."""
        return self.hidden is not None and run_id not in self.hidden[0]

    def of_episode(self, episode_id: int) -> bool:
        """Whether the names in an episode may be told."""
        return self.hidden is not None and episode_id not in self.hidden[1]


class ResultsSeen:
    """What came of a scenario is not told to whoever reviews an episode of it blind, nor to whoever may see no scores. Reads once."""

    def __init__(self, user: User) -> None:
        self.user = user

    @cached_property
    def hidden(self) -> frozenset[str] | None:
        """Digests of the scenarios of which this person may not be told; None: all."""
        if not can(self.user, "judgements.view"):
            return None
        episodes = hidden_episodes(self.user)
        return frozenset(scenarios_played(episodes)) if episodes else frozenset()

    def of_scenario(self, digest: str) -> bool:
        """Whether it may be told how well a scenario is solved."""
        return self.hidden is not None and digest not in self.hidden


def results_seen_in(context: Mapping[str, Any]) -> ResultsSeen:
    """What whoever asks through REST may be told of results: one for each answer, kept in the context of its serializers."""
    kept = cast("dict[str, Any]", context)
    seen: ResultsSeen = kept.setdefault("results_seen", ResultsSeen(kept["request"].user))
    return seen


def seen_in(context: Mapping[str, Any]) -> NamesSeen:
    """What whoever asks through REST may be told of models: one for each answer, kept in the context of its serializers."""
    kept = cast("dict[str, Any]", context)
    seen: NamesSeen = kept.setdefault("names_seen", NamesSeen(kept["request"].user))
    return seen


def names_models(user: User, run_id: int) -> bool:
    """Whether this person may be told which models play in a run."""
    return NamesSeen(user).of_run(run_id)

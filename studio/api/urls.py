"""URLs of the REST interface, its description and its page."""

import re
from typing import Any

from django.urls import URLPattern, URLResolver, include, path, re_path, register_converter

from studio.api.catalogue import CATALOGUE
from studio.api.disputes import DISPUTES
from studio.api.docs import OpenApi, docs
from studio.api.drafts import DRAFTS
from studio.api.endpoints import ENDPOINTS
from studio.api.episodes import EPISODES
from studio.api.evolution_moves import EVOLUTION_MOVES
from studio.api.evolutions import EVOLUTIONS
from studio.api.exports import EXPORTS
from studio.api.fidelity import FIDELITY
from studio.api.judgements import JUDGEMENTS
from studio.api.judges import JUDGES
from studio.api.nothing import Nothing
from studio.api.people import PEOPLE
from studio.api.prompts import PROMPTS
from studio.api.rejudgings import REJUDGINGS
from studio.api.repairs import REPAIRS
from studio.api.review_queues import REVIEW_QUEUES
from studio.api.reviews import REVIEWS
from studio.api.rubric_trials import RUBRIC_TRIALS
from studio.api.rubrics import RUBRICS
from studio.api.runs import RUNS
from studio.api.trying import TRYING


class Id:
    """A row's number: what fits a database column."""

    regex = "[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        """The number."""
        return int(value)

    def to_url(self, value: int) -> str:
        """As in the path."""
        return str(value)


class Digest:
    """A SHA-256, hexadecimal."""

    regex = "[0-9a-f]{64}"

    def to_python(self, value: str) -> str:
        """As it is."""
        return value

    def to_url(self, value: str) -> str:
        """As it is."""
        return value


register_converter(Id, "id")
register_converter(Digest, "digest")

Views = tuple[tuple[str, type[Any]], ...]


def routes(views: Views) -> list[URLPattern]:
    """Views named after their classes: ``OneRun`` is ``api:one_run``."""
    return [path(place, view.as_view(), name=re.sub(r"(?<=[a-z])(?=[A-Z])", "_", view.__name__).lower()) for place, view in views]


RESOURCES: Views = (
    *CATALOGUE,
    *TRYING,
    *PEOPLE,
    *DRAFTS,
    *EVOLUTIONS,
    *EVOLUTION_MOVES,
    *RUNS,
    *EPISODES,
    *JUDGEMENTS,
    *REJUDGINGS,
    *JUDGES,
    *RUBRICS,
    *RUBRIC_TRIALS,
    *REVIEWS,
    *REVIEW_QUEUES,
    *DISPUTES,
    *REPAIRS,
    *EXPORTS,
    *FIDELITY,
    *ENDPOINTS,
    *PROMPTS,
)

app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", include(routes(RESOURCES))),
    path("schema/", OpenApi.as_view(), name="schema"),
    path("docs/", docs, name="docs"),
    # A dot is no newline, and a path may hold one.
    re_path(r"^[\s\S]*\Z", Nothing.as_view(), name="nothing"),
]

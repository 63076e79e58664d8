"""What an entry of the matrix says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from studio.models import Role

O, A, P, R, V = Role.OWNER, Role.AUTHOR, Role.OPERATOR, Role.REVIEWER, Role.VIEWER  # noqa: E741 - as in the table of actions
EVERYBODY = frozenset(Role)
OWNERS = frozenset({O})


def nothing() -> dict[str, Any]:
    """A URL without arguments."""
    return {}


@dataclass(frozen=True)
class Entry:
    """Who gets in at a URL, and what a request to it looks like.

    ``anonymous``: "sign-in" (sent to the sign-in page), "open" (let in), or a status code (interfaces for programs).
    ``forbidden``: the status that other roles get.
    """

    roles: frozenset[Role]
    method: Literal["get", "post", "put", "patch", "delete"] = "get"
    arguments: Callable[[], Mapping[str, Any]] = nothing
    data: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    anonymous: Literal["sign-in", "open"] | int = "sign-in"
    forbidden: int = 404

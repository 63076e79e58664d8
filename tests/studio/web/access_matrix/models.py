"""Who gets in at the pages of models."""

from collections.abc import Mapping
from typing import Any

from tests.builders_endpoints import an_endpoint
from tests.studio.web.access_matrix.entry import A, Entry, O, P


def one() -> Mapping[str, Any]:
    """An endpoint with a key."""
    return {"slug": an_endpoint().slug}


def a_prompt() -> Mapping[str, Any]:
    """One that ships."""
    return {"name": "user"}


def a_seat() -> Mapping[str, Any]:
    """One whose messages can be shown."""
    return {"seat": "judge"}


LOOKING, KEEPING = frozenset({O, A, P}), frozenset({O, P})
ENTRIES = {
    "models:index": Entry(LOOKING),
    "models:new": Entry(KEEPING),
    "models:endpoint": Entry(LOOKING, arguments=one),
    "models:edit": Entry(KEEPING, arguments=one),
    "models:active": Entry(KEEPING, "post", one, {"active": "no"}),
    "models:delete": Entry(KEEPING, "post", one),
    "models:check": Entry(KEEPING, "post", one),
    "models:check_panel": Entry(LOOKING, arguments=one),
    "models:cast": Entry(LOOKING),
    "models:usage": Entry(LOOKING),
    "models:prompts": Entry(LOOKING),
    "models:prompt": Entry(LOOKING, arguments=a_prompt),
    "models:prompt_diff": Entry(LOOKING, arguments=a_prompt, query={"old": "0"}),
    "models:prompt_default": Entry(KEEPING, "post", a_prompt),
    "models:preview": Entry(LOOKING, arguments=a_seat),
}

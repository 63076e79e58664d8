"""Several steps of one evolution at once."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

from synthesis.engine.chat.errors import ChatError, NoQuota, Parked, Stopped


async def side_by_side(steps: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Take all steps to their end; what each has kept stays, whatever became of the others.

    Raises the gravest of their errors: one that is no endpoint's before one that a person has to look at, and that before one that time
    will mend. A cap that has no room for a call is no error while another step got on: it has given back by now what it did not need.
    """
    outcomes = await asyncio.gather(*steps, return_exceptions=True)
    errors = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    if len(errors) < len(outcomes):
        errors = [error for error in errors if not isinstance(error, NoQuota)]
    if errors:
        raise min(errors, key=_order)


def _order(error: BaseException) -> int:
    if not isinstance(error, ChatError):
        return 0
    return 1 if isinstance(error, Stopped) else 2 if not isinstance(error, Parked) else 3

"""What can go wrong with a language model, by what is to be done about it.

::

    ChatError
    ├── Passing            worth another try: nothing was wrong with the question
    │   ├── RateLimited        429; ``wait`` when the endpoint said how long
    │   ├── Overloaded         408, 409, 425, 5xx, 529
    │   ├── Unreachable        no connection, or it broke
    │   ├── Cut                the answer ended early: cut JSON, cut stream
    │   ├── Garbled            an answer that is none: HTML, no choices, an error with status 200
    │   └── TooSlow            the deadline of one try passed
    ├── Unusable           a well-formed answer that breaks the rules (unknown tool, arguments that do not fit): show ``problem`` to the
    │                      model once
    ├── Refused            400, 404, 422, too large, filtered: the same question will fail again
    ├── Stopped            nobody can be asked until a person acts: the run is paused
    │   ├── NoAccess           401, 403
    │   └── NoQuota            402, quota exhausted
    │       └── NoBudget           the run may spend no more
    ├── Parked             the next try is more than ten seconds away: come back after ``seconds`` instead of holding a place
    └── GaveUp             out of tries or time; ``last`` is the last Passing one

A bad answer is data about an endpoint, not a crash: each class has a ``kind`` under which it is counted.
"""

from typing import ClassVar

from synthesis.engine.chat.model import Usage


class ChatError(Exception):
    """The base of all of them. ``kind`` names the class in counts and logs; the text is for people and holds no key and no prompt.

    ``party`` is the role that asked and ``endpoint`` whom, where somebody has noted it.
    """

    kind: ClassVar[str] = "error"
    party: str = ""
    endpoint: str = ""


class Passing(ChatError):
    """Worth another try. ``wait`` is how long the endpoint asked us to wait, in seconds, or None."""

    kind = "passing"

    def __init__(self, text: str, wait: float | None = None) -> None:
        super().__init__(text)
        self.wait = wait


class RateLimited(Passing):
    """Too many requests or tokens a minute."""

    kind = "rate_limited"


class Overloaded(Passing):
    """The endpoint cannot serve just now."""

    kind = "overloaded"


class Unreachable(Passing):
    """There is no connection."""

    kind = "unreachable"


class Cut(Passing):
    """The answer ended before its end."""

    kind = "cut"


class Garbled(Passing):
    """The answer is not one of chat completions."""

    kind = "garbled"


class TooSlow(Passing):
    """One try took longer than its deadline."""

    kind = "too_slow"


class Unusable(ChatError):
    """The answer breaks a rule. ``problem`` is a sentence the model can act on; ``said`` is what it wrote, for the repair turn; ``usage``
    what it took all the same.
    """

    kind = "unusable"

    def __init__(self, problem: str, said: str = "") -> None:
        super().__init__(problem)
        self.problem, self.said = problem, said
        self.usage = Usage()


class Refused(ChatError):
    """Asking again is no use."""

    kind = "refused"


class Stopped(ChatError):
    """A person has to act first."""

    kind = "stopped"


class NoAccess(Stopped):
    """The key is missing, wrong or not allowed to use this model."""

    kind = "no_access"


class NoQuota(Stopped):
    """The account or the budget is spent."""

    kind = "no_quota"


class NoBudget(NoQuota):
    """What the run may spend is spent or set aside."""

    kind = "no_budget"


class Parked(ChatError):
    """Come back after ``seconds``; ``cause`` is why."""

    kind = "parked"

    def __init__(self, seconds: float, cause: ChatError | None = None) -> None:
        super().__init__(f"to be asked again in {seconds:.0f} s" + (f": {cause}" if cause else ""))
        self.seconds, self.cause = seconds, cause


def note_taken(called_off: BaseException, usage: Usage) -> None:
    """Note on the cancellation of a call that was under way what it may have taken: nobody will ever be told."""
    called_off.args = (*called_off.args, usage)


def taken_of(called_off: BaseException) -> Usage | None:
    """What a call that was called off may have taken, from above; None when it had not been sent."""
    return next((noted for noted in called_off.args if isinstance(noted, Usage)), None)


class GaveUp(ChatError):
    """Out of tries or time."""

    kind = "gave_up"

    def __init__(self, last: Passing, attempts: int) -> None:
        super().__init__(f"gave up after {attempts} tries: {last}")
        self.last, self.attempts = last, attempts

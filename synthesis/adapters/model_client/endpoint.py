"""An endpoint as a client needs it."""

from typing import Any

import msgspec

from synthesis.engine.chat.prices import Price
from synthesis.engine.chat.profiles import PROFILES, Profile
from synthesis.engine.outgoing import Reach


class Endpoint(msgspec.Struct, frozen=True):
    """Where a model is and how it wants to be asked. ``try_seconds`` is the deadline of one try, from the request to the last byte;
    ``reach`` is where requests may go: without one to the public network, over https.

    The key is kept out of ``repr``, so that no log or error page shows it by accident.
    """

    name: str
    base_url: str
    model: str
    key: str = ""
    provider: str = "other"
    parameters: dict[str, Any] = {}
    price: Price = Price()
    concurrency: int = 64
    try_seconds: float = 120.0
    reach: Reach = Reach()

    @property
    def profile(self) -> Profile:
        """What works there."""
        return PROFILES.get(self.provider, PROFILES["other"])

    def __repr__(self) -> str:
        return f"Endpoint({self.name!r}, {self.base_url!r}, {self.model!r})"

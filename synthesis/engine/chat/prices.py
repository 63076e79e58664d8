"""What calls cost. Prices are in millionths of a currency for a million tokens, so a token costs ``price / 1_000_000`` millionths."""

import msgspec

from synthesis.engine.chat.model import Usage

MILLION = 1_000_000


class Price(msgspec.Struct, frozen=True):
    """Of a million tokens, in millionths of the currency. ``cached`` None: the same as ``prompt``."""

    prompt: int = 0
    completion: int = 0
    cached: int | None = None

    def of(self, usage: Usage) -> int:
        """The cost of ``usage`` in millionths, rounded up: a sum of many is never below the bill by rounding."""
        cached = self.prompt if self.cached is None else self.cached
        fresh = max(usage.prompt_tokens - usage.cached_tokens, 0)
        whole = fresh * self.prompt + min(usage.cached_tokens, usage.prompt_tokens) * cached + usage.completion_tokens * self.completion
        return -(-whole // MILLION)

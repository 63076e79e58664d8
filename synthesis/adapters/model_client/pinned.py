"""Name resolution that gives no address which must not be asked. Connections are made to what it gives: nothing is resolved twice."""

import socket

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from synthesis.engine.outgoing import PRIVATE, Reach


class OutOfReach(OSError):
    """All addresses of a host are out of reach."""


class Pinned(AbstractResolver):
    """The system's resolver behind a ``Reach``."""

    def __init__(self, reach: Reach, inner: AbstractResolver | None = None) -> None:
        self.reach, self.inner = reach, inner or ThreadedResolver()

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        """Addresses of a host that may be asked. Raises OutOfReach when there are others only, OSError when there are none."""
        found = await self.inner.resolve(host, port, family)
        reached = [address for address in found if self.reach.takes(host.lower(), port, address["host"])]
        if found and not reached:
            raise OutOfReach(PRIVATE.format(place=f"{host}:{port}"))
        return reached

    async def close(self) -> None:
        """End the inner one."""
        await self.inner.close()

"""A browser's end of a socket, without network: speaks ASGI to an application. (Channels' own needs a server we do not use.)"""

import json
from typing import Any, cast

from asgiref.testing import ApplicationCommunicator


class SocketClient:
    """One connection to ``path`` (with query) with the given headers."""

    def __init__(self, application: Any, path: str, headers: list[tuple[bytes, bytes]]) -> None:
        where, _, query = path.partition("?")
        scope = {"type": "websocket", "path": where, "query_string": query.encode(), "headers": headers, "subprotocols": []}
        self.asgi: Any = cast("Any", ApplicationCommunicator)(application, scope)

    async def receive(self, patience: float = 10) -> dict[str, Any]:
        """The next message of ours, undecoded."""
        message: dict[str, Any] = await self.asgi.receive_output(patience)
        return message

    async def connect(self, patience: float = 5) -> bool:
        """Whether we were let in."""
        await self.asgi.send_input({"type": "websocket.connect"})
        answer = await self.receive(patience)
        if answer["type"] == "websocket.close":
            await self.disconnect(patience)
            return False
        assert answer["type"] == "websocket.accept"
        return True

    async def frame(self, patience: float = 5) -> Any:
        """The next frame, decoded."""
        message = await self.receive(patience)
        assert message["type"] == "websocket.send", message
        return json.loads(message["text"])

    async def disconnect(self, patience: float = 5) -> None:
        """Go away."""
        await self.asgi.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.asgi.wait(patience)

"""Events as HTML, drawn once for all who watch: an event never changes, and ten people may look at the same episode."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any

Drawing = dict[str, Any]


class Drawings:
    """The newest drawings, of ``most`` characters together. For use by several threads."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.held = 0
        self._kept: OrderedDict[tuple[Any, ...], tuple[Drawing, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: tuple[Any, ...], draw: Callable[[], Drawing]) -> Drawing:
        """The drawing of ``key``, made now if it is not at hand."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key][0]
        drawing = draw()
        size = sum(len(value) for value in drawing.values() if isinstance(value, str))
        with self._lock:
            if key not in self._kept:
                self._kept[key] = drawing, size
                self.held += size
            while self.held > self.most:
                _, (_, freed) = self._kept.popitem(last=False)
                self.held -= freed
        return drawing

"""Who gets in at the try-it console."""

from tests.studio.web.access_matrix.catalogue import a_tool
from tests.studio.web.access_matrix.entry import A, Entry, O, P

ENTRIES = {
    "console:tool": Entry(frozenset({O, A, P}), arguments=a_tool),
    "console:reset": Entry(frozenset({O, A, P}), "post", a_tool),
}

"""Home."""

from tests.studio.web.access_matrix.entry import EVERYBODY, Entry

ENTRIES = {"home:index": Entry(EVERYBODY), "home:live": Entry(EVERYBODY)}

"""Keys of the screens of Review: the one table that makes both the sheets of hints and, through the pages, the handlers."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Screen = Literal["review", "revise", "settle"]
REVIEW, REVISE, SETTLE = frozenset({"review"}), frozenset({"revise"}), frozenset({"settle"})
WRITING = REVIEW | REVISE
ALL = WRITING | SETTLE
LETTERS = "abcdefghi"
"""Letters of answers that have a key; a tenth answer has none."""


class Key(NamedTuple):
    """A key, the deed that ``static/js/review/keys.js`` does for it, what it is in words, and the screens that have it."""

    key: str
    deed: str
    words: str | Promise
    screens: frozenset[str]


KEYS = (
    Key("↓", "next_criterion", _("next criterion"), ALL),
    Key("↑", "previous_criterion", _("previous criterion"), ALL),
    *(Key(letter, "answer", _("take this answer"), SETTLE) for letter in LETTERS),
    Key("0", "value", _("value 0, the worst"), ALL),
    Key("1", "value", _("value 1"), ALL),
    Key("2", "value", _("value 2"), ALL),
    Key("3", "value", _("value 3"), ALL),
    Key("4", "value", _("value 4"), ALL),
    Key("5", "value", _("value 5, the best"), ALL),
    Key("n", "not_applicable", _("does not apply"), ALL),
    Key("q", "ambiguous", _("the question is ambiguous"), SETTLE),
    Key("w", "reason", _("write a reason"), ALL),
    Key("j", "next_turn", _("next message"), ALL),
    Key("k", "previous_turn", _("previous message"), ALL),
    Key("m", "evidence", _("pin this message as evidence, or unpin it"), WRITING),
    Key("x", "first_error", _("the first error is in this message"), WRITING),
    Key("p", "party", _("whose fault it is"), WRITING),
    Key("a", "keep", _("accept the episode"), WRITING),
    Key("f", "fix", _("it must be fixed first"), WRITING),
    Key("r", "drop", _("reject the episode"), WRITING),
    Key("c", "comment", _("write a comment"), WRITING),
    Key("Escape", "leave", _("leave a field, so that keys work again"), ALL),
    Key("Ctrl+Enter", "seal", _("seal and next"), ALL),
    Key("u", "undo", _("undo the last seal"), REVIEW),
    Key("Shift+S", "later", _("later"), REVIEW),
    Key("Shift+D", "decline", _("decline, or call it broken"), REVIEW),
    Key("?", "help", _("this sheet"), ALL),
)


def keys_of(screen: Screen, *, answers: int = 0, without: Sequence[str] = ()) -> list[tuple[str, str, str | Promise]]:
    """The keys of a screen as ``parts/keys.html`` draws them; of letters as many as there are ``answers``; ``without`` some deeds."""
    letters = LETTERS[:answers]
    shown = (row for row in KEYS if screen in row.screens and row.deed not in without)
    return [(row.key, row.deed, row.words) for row in shown if row.deed != "answer" or row.key in letters]

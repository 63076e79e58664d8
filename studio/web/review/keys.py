"""Keys of the review screen: the one table that makes both the sheet of hints and, through the page, the handlers."""

from django.utils.translation import gettext_lazy as _

KEYS = (
    ("↓", "next_criterion", _("next criterion")),
    ("↑", "previous_criterion", _("previous criterion")),
    ("0", "value", _("value 0, the worst")),
    ("1", "value", _("value 1")),
    ("2", "value", _("value 2")),
    ("3", "value", _("value 3")),
    ("4", "value", _("value 4")),
    ("5", "value", _("value 5, the best")),
    ("n", "not_applicable", _("does not apply")),
    ("w", "reason", _("write a reason")),
    ("j", "next_turn", _("next message")),
    ("k", "previous_turn", _("previous message")),
    ("m", "evidence", _("pin this message as evidence, or unpin it")),
    ("x", "first_error", _("the first error is in this message")),
    ("a", "keep", _("accept the episode")),
    ("f", "fix", _("it must be fixed first")),
    ("r", "drop", _("reject the episode")),
    ("c", "comment", _("write a comment")),
    ("Escape", "leave", _("leave a field, so that keys work again")),
    ("Ctrl+Enter", "seal", _("seal and next")),
    ("u", "undo", _("undo the last seal")),
    ("Shift+S", "later", _("later")),
    ("Shift+D", "decline", _("decline, or call it broken")),
    ("?", "help", _("this sheet")),
)
"""(key, deed, words). ``static/js/review/keys.js`` finds a deed of that name for each."""

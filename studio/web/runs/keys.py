"""Keys of the episode viewer: the one table that makes both the sheet of hints and, through the page, the handlers."""

from django.utils.translation import gettext_lazy as _

KEYS = (
    ("j", "next_turn", _("next message")),
    ("k", "previous_turn", _("previous message")),
    ("]", "next_call", _("next call")),
    ("[", "previous_call", _("previous call")),
    ("e", "next_error", _("next error")),
    ("o", "open", _("look at this step")),
    ("g g", "start", _("to the start")),
    ("G", "end", _("to the end")),
    (".", "follow", _("follow what is new")),
    ("/", "find", _("find")),
    ("y", "copy_link", _("copy a link to this step")),
    ("?", "help", _("this sheet")),
)
"""(keys, deed, words). ``static/js/episode/keys.js`` finds a deed of that name for each."""

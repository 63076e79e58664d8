"""What the engine's terms for people are called."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Word = str | Promise

LANGUAGES: dict[str, Word] = {"en": _("English"), "ko": _("Korean")}
FORMALITIES: dict[str, Word] = {"casual": _("casual"), "neutral": _("neutral"), "formal": _("formal")}
BREVITIES: dict[str, Word] = {"terse": _("terse"), "normal": _("normal"), "chatty": _("chatty")}
MOODS: dict[str, Word] = {
    "friendly": _("friendly"),
    "neutral": _("neutral"),
    "hurried": _("hurried"),
    "grumpy": _("grumpy"),
    "anxious": _("anxious"),
}
TONES: dict[str, Word] = {"warm": _("warm"), "neutral": _("neutral"), "formal": _("formal"), "brisk": _("brisk")}
ASKS: dict[str, Word] = {"together": _("all that is missing in one question"), "one_by_one": _("one thing at a time")}
ORIGINS: dict[str, Word] = {
    "starter": _("starter catalogue"),
    "authored": _("written here"),
    "sampled": _("kept from the factory"),
    "evolved": _("drafted by a model"),
}
ACTIVE: dict[str, Word] = {"yes": _("active"), "no": _("resting")}

ACTS: dict[str, Word] = {
    "opening": _("opens the talk"),
    "greeting": _("greets"),
    "aside": _("remarks"),
    "affirm": _("says yes"),
    "correct": _("corrects a slip"),
    "press": _("insists"),
    "accept_refusal": _("takes a no"),
    "closing": _("says goodbye"),
    "acknowledge": _("takes it up"),
    "checking": _("looks something up"),
    "propose_question": _("asks for a yes"),
    "doing": _("makes the change"),
    "no_tool": _("cannot help"),
    "more": _("offers more"),
}
"""Acts of the wording that pages show."""

"""What the states of evolutions and drafts are called, and how a state looks."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Word = str | Promise

STATUSES: dict[str, tuple[Word, str]] = {
    "queued": (_("waiting for a worker"), "note"),
    "working": (_("at work"), "accent"),
    "paused": (_("paused"), "warn"),
    "done": (_("done"), "good"),
    "failed": (_("failed"), "bad"),
    "cancelled": (_("cancelled"), ""),
}
STAGES: dict[str, tuple[Word, str]] = {
    "domains": (_("domains are next"), "note"),
    "outline": (_("the plan is next"), "note"),
    "world": (_("the world is next"), "note"),
    "tools": (_("tools are next"), "note"),
    "policy": (_("the policy is next"), "note"),
    "intents": (_("intents are next"), "note"),
    "lines": (_("wordings are next"), "note"),
    "audit": (_("the audit is next"), "accent"),
    "repair": (_("a repair is next"), "warn"),
    "done": (_("proposed"), ""),
    "passed": (_("waits to be accepted"), "good"),
    "published": (_("in the catalogue"), "good"),
    "refused": (_("refused"), "bad"),
    "rejected": (_("rejected by a person"), ""),
    "failed": (_("failed"), "bad"),
}
KINDS: dict[str, Word] = {
    "category": _("Category"),
    "domain": _("Domain"),
    "wordings": _("Wordings"),
    "persona": _("Persona"),
    "agent": _("Agent profile"),
}
MILLION = 1_000_000

"""What a token may be used for: a scope is a set of actions. A token never does more than its scopes, nor more than its person may."""

from collections.abc import Collection
from typing import Any, get_args

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from studio.access.permissions import Person, can
from studio.access.table import Action

SCOPES: dict[str, frozenset[Action]] = {
    "read": frozenset(action for action in get_args(Action) if action.endswith(".view") and action != "audit.view"),
    "catalogue": frozenset({"catalogue.try", "catalogue.edit", "catalogue.publish", "rubrics.edit"}),
    "runs": frozenset({"runs.start", "judgements.rejudge", "runs.control"}),
    "reviews": frozenset({"review.score", "review.adjudicate"}),
    "queues": frozenset({"review.manage"}),
    "exports": frozenset({"datasets.edit", "datasets.export"}),
    "models": frozenset({"models.edit"}),
}
"""Members, tokens and the audit trail are out of reach of any token; so are keys of models once they are stored."""

SCOPE_LABELS: dict[str, str | Promise] = {
    "read": _("Read everything its owner can read"),
    "catalogue": _("Edit and publish domains, tools and rubrics"),
    "runs": _("Start, pause and cancel runs"),
    "reviews": _("Hand in reviews"),
    "queues": _("Manage review queues and gold items"),
    "exports": _("Build datasets and download them"),
    "models": _("Add and change model endpoints and prompts"),
}


def allowed(user: Person, scopes: Collection[str], action: Action, obj: Any = None) -> bool:
    """``can`` for a caller with a token: one of the scopes must hold the action as well."""
    return any(action in SCOPES.get(scope, ()) for scope in scopes) and can(user, action, obj)

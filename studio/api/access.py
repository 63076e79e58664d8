"""Who may: each view names an action for each of its methods."""

from typing import Any

from django.http import Http404
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from studio.access.permissions import can
from studio.access.scopes import allowed
from studio.access.tokens import Caller


class MayDo(BasePermission):
    """Nobody signed in: 401. A role that may not: 404, as if there were nothing. A role that may, by a token whose scopes do not: 403."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """True, or raises. A method the view does not have passes: it gets its 405."""
        if not request.user.is_authenticated:
            raise NotAuthenticated
        method = "GET" if request.method == "HEAD" else str(request.method)
        action = view.actions.get(method)
        if action is None:
            return True
        if not can(request.user, action):
            raise Http404
        if isinstance(request.auth, Caller) and not allowed(request.user, request.auth.scopes, action):
            raise PermissionDenied("No scope of this token allows it.", code="insufficient_scope")
        return True

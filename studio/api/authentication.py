"""Who calls: a token in ``Authorization: Bearer``, or the session of a browser (then with CSRF)."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from studio.access.tokens import Caller, token_check


class BearerToken(BaseAuthentication):
    """A token of ``studio.access.tokens``. ``request.auth`` is then its Caller; with a session it is None."""

    def authenticate(self, request: Request) -> tuple[Any, Caller] | None:
        """The caller, or None when there is no token at all. Raises AuthenticationFailed for one that does not hold."""
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        caller = token_check(secret.strip()) if scheme.lower() == "bearer" and secret.isascii() and secret.isprintable() else None
        if caller is None:
            raise AuthenticationFailed("The token is unknown, expired or revoked.")
        return caller.user, caller

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return 'Bearer realm="studio"'


class BrowserSession(SessionAuthentication):
    """The session of somebody signed in to the pages."""


class BearerTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the token is told of in OpenAPI."""

    target_class = BearerToken
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """The security scheme."""
        return {"type": "http", "scheme": "bearer", "description": "A token from Settings, API tokens."}


class BrowserSessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the session is told of in OpenAPI."""

    target_class = BrowserSession
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """The security scheme."""
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": "The session of the pages; changes need X-CSRFToken."}

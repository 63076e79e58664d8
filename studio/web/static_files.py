"""Serves static files from where they stand, each under an address that changes with their content, so that browsers keep them for good."""

import re
from typing import cast

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

from studio.settings.web import STATIC_PREFIX, STATIC_VERSION

VERSIONED = re.compile(rf"^{STATIC_PREFIX}([0-9a-f]{{12}})/(.+)$")
FOR_GOOD = "max-age=31536000, public, immutable"


class StaticMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]
    """whitenoise with versions in the path.

    ``/static/<version>/css/base.css`` is ``static/css/base.css`` whatever the version: while two versions of the studio run side by side,
    a page of one may get its files from the other. Only its own version is kept for good.
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The file, or what the rest of the studio answers."""
        asked = VERSIONED.match(request.path_info)
        file = self.files.get(STATIC_PREFIX + asked[2]) if asked else None
        if asked is None or file is None:
            return cast("HttpResponseBase", self.get_response(request))
        request.META["studio.route"] = "static"
        response = self.serve(file, request)
        if asked[1] == STATIC_VERSION and response.status_code == 200:
            response.headers["Cache-Control"] = FOR_GOOD
        return response

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        """The file as a plain response: our files are small, and Django's streaming one would hold a thread for each."""
        found = static_file.get_response(request.method, request.META)
        content = b""
        if found.file:
            with found.file as file:
                content = file.read()
        response = HttpResponse(content, status=int(found.status))
        del response["Content-Type"]
        for name, value in found.headers:
            response[name] = value
        if found.file:
            # whitenoise noted the length at the start; an edited file has another.
            response["Content-Length"] = str(len(content))
        return response

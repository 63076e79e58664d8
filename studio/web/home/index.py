"""The first page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from studio.access.doors import allow


@allow("home.view")
def index(request: HttpRequest) -> HttpResponse:
    """``/``: where things stand and what to do next."""
    return render(request, "home/index.html")

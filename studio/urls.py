"""Every URL. The pages and the REST interface hang themselves in here as they come."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []

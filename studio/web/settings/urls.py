"""URLs of the area Settings."""

from django.urls import URLPattern, URLResolver, path

from studio.web.settings.audit import audit
from studio.web.settings.members import link, members, remove, role
from studio.web.settings.profile import index, password, profile, rename
from studio.web.settings.tokens import revoke, tokens

app_name = "settings"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", index, name="index"),
    path("profile/", profile, name="profile"),
    path("profile/name/", rename, name="rename"),
    path("profile/password/", password, name="password"),
    path("tokens/", tokens, name="tokens"),
    path("tokens/<int:token_id>/revoke/", revoke, name="token_revoke"),
    path("members/", members, name="members"),
    path("members/<int:user_id>/role/", role, name="member_role"),
    path("members/<int:user_id>/remove/", remove, name="member_remove"),
    path("members/<int:user_id>/link/", link, name="member_link"),
    path("audit/", audit, name="audit"),
]

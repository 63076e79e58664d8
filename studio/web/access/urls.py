"""URLs of coming in and going out."""

from django.urls import path

from studio.web.access.appearance import appearance
from studio.web.access.sign_in import link, sign_in, sign_out

app_name = "access"
urlpatterns = [
    path("sign-in/", sign_in, name="sign_in"),
    path("sign-in/<str:token>/", link, name="link"),
    path("sign-out/", sign_out, name="sign_out"),
    path("appearance/", appearance, name="appearance"),
]

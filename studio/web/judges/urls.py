"""URLs of the area Judges. Its first page is called ``index``."""

from django.urls import URLPattern, URLResolver, path

from studio.web.judges.agreement import agreement
from studio.web.judges.behind import cell, damage, mutant
from studio.web.judges.canaries import canaries, canaries_ask, canaries_progress
from studio.web.judges.deeds import calibrate, look
from studio.web.judges.index import index
from studio.web.judges.judge import judge

app_name = "judges"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", index, name="index"),
    path("agreement/", agreement, name="agreement"),
    path("damaged/<int:mutant_id>/", mutant, name="mutant"),
    path("versions/<slug:version>/", judge, name="judge"),
    path("versions/<slug:version>/cell/", cell, name="cell"),
    path("versions/<slug:version>/damage/", damage, name="damage"),
    path("versions/<slug:version>/calibrate/", calibrate, name="calibrate"),
    path("versions/<slug:version>/canaries/", canaries, name="canaries"),
    path("versions/<slug:version>/canaries/ask/", canaries_ask, name="canaries_ask"),
    path("canaries/<int:round_id>/", canaries_progress, name="canaries_progress"),
    path("versions/<slug:version>/look/", look, name="look"),
]

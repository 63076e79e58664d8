"""Exports: ask for files of a run, see how far they are, download them."""

from typing import Any

from django.http import HttpResponseBase
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from judging.engine.formats.registry import FORMATS
from judging.models import Export, ExportJob, ExportJobStatus
from judging.selectors import lists
from studio.api.downloads import download
from studio.api.once import answered
from studio.api.pages import PageQuery
from studio.api.problems import Unworkable
from studio.api.resource import Listing, Resource, Single, found
from studio.pipelines.exports import downloaded, export_ask, job_files
from studio.pipelines.files import name_of
from studio.pipelines.once import Answer
from synthesis.selectors import runs

GREATEST = 2**63 - 1


class ExportRow(serializers.ModelSerializer[ExportJob]):
    """Files that somebody asked for."""

    run = serializers.IntegerField(source="run_id", allow_null=True, help_text="Null when they are of a saved dataset.")
    dataset = serializers.SlugField(source="dataset.slug", default=None, allow_null=True, help_text="Null when they are of one run.")
    formats = serializers.ListField(child=serializers.CharField())
    kept = serializers.IntegerField(
        source="version.kept", default=None, allow_null=True, help_text="Rows of each file; null before it is done."
    )

    class Meta:
        model = ExportJob
        fields = (
            "id",
            "run",
            "dataset",
            "status",
            "formats",
            "threshold",
            "duplicates",
            "kept",
            "asked_by",
            "error",
            "created",
            "finished",
        )


class ExportFile(serializers.ModelSerializer[Export]):
    """A file."""

    url = serializers.SerializerMethodField()

    class Meta:
        model = Export
        fields = ("format", "rows", "size", "sha256", "url")

    def get_url(self, file: Export) -> str:
        """Where it is downloaded."""
        path = reverse("api:export_download", kwargs={"job_id": self.context["job"], "format": file.format})
        return str(self.context["request"].build_absolute_uri(path))


class ExportWhole(ExportRow):
    """Files that somebody asked for, with their addresses."""

    files = ExportFile(many=True, help_text="Empty before it is done.")

    class Meta(ExportRow.Meta):
        fields = (*ExportRow.Meta.fields, "files")  # type: ignore[assignment]


class ExportAsk(serializers.Serializer[Any]):
    """Files to write."""

    run = serializers.IntegerField(min_value=1, max_value=GREATEST)
    formats = serializers.ListField(child=serializers.ChoiceField(list(FORMATS)), required=False, min_length=1, max_length=50)
    threshold = serializers.FloatField(
        min_value=0,
        max_value=5,
        required=False,
        allow_null=True,
        default=None,
        help_text="Least overall quality of a row; null: the run's.",
    )
    duplicates = serializers.BooleanField(required=False, default=False, help_text="Keep rows that read the same.")


class ExportQuery(PageQuery):
    """Filters of exports."""

    run = serializers.IntegerField(required=False, min_value=1, max_value=GREATEST)
    status = serializers.ChoiceField(ExportJobStatus.choices, required=False)


class Exports(Listing):
    """``exports/``"""

    actions = {"GET": "datasets.view", "POST": "datasets.export"}
    says = {
        "GET": "List exports. Newest first, without their files.",
        "POST": "Ask for files of a finished or cancelled run. A worker writes them; look at `Location` until they are done.",
    }
    query = {"GET": ExportQuery}
    takes = {"POST": ExportAsk}
    gives = {"GET": ExportRow, "POST": ExportWhole}
    status = {"POST": 202}
    problems = {"POST": (409, 422)}
    keyed = True
    rows = lists.export_jobs

    def post(self, request: Request) -> Response:
        """Ask for some."""
        wanted = self.asked(request)

        def ask() -> Answer:
            run = runs.run_get(wanted["run"])
            if run is None:
                raise Unworkable({"run": ["There is no such run."]})
            formats = wanted.get("formats") or ["openai"]
            job = export_ask(actor=self.caller, run=run, formats=formats, threshold=wanted["threshold"], duplicates=wanted["duplicates"])
            place = request.build_absolute_uri(reverse("api:one_export", kwargs={"job_id": job.pk}))
            return Answer(202, whole(self, job), place)

        return answered(request, self.caller, ask)


class OneExport(Single):
    """``exports/{id}/``"""

    actions = {"GET": "datasets.view"}
    says = {"GET": "Read how far an export is. With the addresses of its files once they are there."}
    gives = {"GET": ExportWhole}

    def get(self, request: Request, **places: Any) -> Response:
        """The export."""
        return Response(whole(self, found(lists.export_job(places["job_id"]))))


class ExportDownload(Resource):
    """``exports/{id}/files/{format}/``"""

    actions = {"GET": "datasets.export"}
    says = {"GET": "Download a file. One JSON object a line; `ETag` is its SHA-256."}
    gives = {"GET": None}
    file = True

    def get(self, request: Request, job_id: int, format: str) -> HttpResponseBase:  # noqa: A002 - the URL says it
        """The file."""
        job = found(lists.export_job(job_id))
        file = found(next((file for file in job_files(job) if file.format == format), None))
        answer = found(download(request, file.path, file.sha256, name_of(file)))
        if answer.status_code == 200:
            downloaded(actor=self.caller, export=file)
        return answer  # type: ignore[no-any-return]


def whole(view: Resource, job: ExportJob) -> dict[str, Any]:
    """An export with its files, as data."""
    context = {"request": view.request, "job": job.pk}
    return dict(view.told(ExportRow, job)) | {"files": ExportFile(job_files(job), many=True, context=context).data}


EXPORTS: tuple[tuple[str, type[Any]], ...] = (
    ("exports/", Exports),
    ("exports/<id:job_id>/", OneExport),
    ("exports/<id:job_id>/files/<slug:format>/", ExportDownload),
)
"""Paths below ``/api/v1/`` and their views."""

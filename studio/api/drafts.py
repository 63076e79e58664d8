"""Drafts of domains: write, audit, publish."""

from typing import Any

import msgspec
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from studio.api.catalogue import SLUG, DomainWhole, ReleaseRow
from studio.api.once import answered
from studio.api.problems import Conflict, Unworkable
from studio.api.resource import Resource, Single, found
from studio.pipelines import audits
from studio.pipelines.drafts import domain_begin, draft_findings, draft_write
from studio.pipelines.once import Answer
from synthesis.engine.audit.report import AuditReport
from synthesis.models import Domain, PackAudit
from synthesis.selectors import drafts, lists
from synthesis.services.drafts import DraftConflict, DraftRefused, SlugRefused

NAME = r"^[a-z][a-z0-9_]*$"


class FindingRow(serializers.Serializer[Any]):
    """What is wrong with a pack, where, and how to mend it."""

    severity = serializers.ChoiceField(["error", "warning"])
    place = serializers.CharField(help_text="A path in the file, such as tools.find_owner.program.")
    line = serializers.IntegerField(help_text="Of the file, from 1; 0 when it is about the whole.")
    problem = serializers.CharField()
    remedy = serializers.CharField()


class DraftRow(serializers.ModelSerializer[Domain]):
    """The draft of a domain."""

    findings = FindingRow(many=True, help_text="What reading it finds; an audit finds more.")

    class Meta:
        model = Domain
        fields = ("slug", "name", "status", "version", "pack_text", "findings")


class DraftBegin(serializers.Serializer[Any]):
    """A domain to begin."""

    slug = serializers.RegexField(NAME, max_length=64)
    name = serializers.CharField(max_length=200, required=False, default="")
    pack_text = serializers.CharField(
        required=False, default="", trim_whitespace=False, help_text="YAML; left out, a small complete pack with remarks."
    )
    copy_of = serializers.RegexField(SLUG, max_length=80, required=False, default="", help_text="Slug of a domain whose draft to copy.")


class DraftText(serializers.Serializer[Any]):
    """A text to save."""

    pack_text = serializers.CharField(allow_blank=True, trim_whitespace=False, help_text="YAML.")
    version = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, help_text="The version that was read: 409 when there is a newer one."
    )


class AuditRow(serializers.ModelSerializer[PackAudit]):
    """An audit of a draft."""

    domain = serializers.CharField(source="domain.slug")
    findings = FindingRow(many=True, help_text="Empty before it is done.")

    class Meta:
        model = PackAudit
        fields = (
            "id", "domain", "status", "stage", "stage_done", "stage_total", "errors", "warnings", "findings", "error", "asked_by",
            "created", "finished",
        )  # fmt: skip


class Drafts(Resource):
    """``drafts/``"""

    actions = {"POST": "catalogue.edit"}
    says = {"POST": "Begin a domain. From a text, as a copy, or from a small complete pack; it has no release yet."}
    takes = {"POST": DraftBegin}
    gives = {"POST": DomainWhole}
    status = {"POST": 201}
    problems = {"POST": (422,)}
    keyed = True

    def post(self, request: Request) -> Response:
        """Begin it."""
        wanted = self.asked(request)

        def begin() -> Answer:
            domain = begun(self, wanted)
            place = request.build_absolute_uri(reverse("api:one_draft", kwargs={"slug": domain.slug}))
            return Answer(201, dict(self.told(DomainWhole, domain)), place)

        return answered(request, self.caller, begin)


def begun(view: Resource, wanted: Any) -> Domain:
    """A new domain. Raises Unworkable."""
    parent = lists.domain(wanted["copy_of"]) if wanted["copy_of"] else None
    if wanted["copy_of"] and parent is None:
        raise Unworkable({"copy_of": ["There is no such domain."]})
    text = parent.pack_text if parent else wanted["pack_text"]
    origin = Domain.Origin.IMPORTED if wanted["pack_text"] and not parent else Domain.Origin.AUTHORED
    try:
        return domain_begin(actor=view.caller, slug=wanted["slug"], name=wanted["name"], text=text, parent=parent, origin=origin)
    except SlugRefused as refused:
        raise Unworkable({"slug": [str(refused)]}) from None
    except DraftRefused as refused:
        raise Unworkable({"pack_text": [str(refused)]}) from None


class OneDraft(Single):
    """``drafts/{slug}/``"""

    actions = {"GET": "catalogue.view", "POST": "catalogue.edit"}
    says = {
        "GET": "Read a draft. With what reading it as a pack finds.",
        "POST": "Save a draft. With the version that was read, so that two writers notice each other.",
    }
    takes = {"POST": DraftText}
    gives = {"GET": DraftRow, "POST": DraftRow}
    problems = {"POST": (409, 422)}

    def get(self, request: Request, **places: Any) -> Response:
        """The draft."""
        return Response(told(self, places["slug"]))

    def post(self, request: Request, slug: str) -> Response:
        """Save it."""
        domain, wanted = found(lists.domain(slug)), self.asked(request)
        try:
            draft_write(actor=self.caller, domain=domain, text=wanted["pack_text"], version=wanted["version"])
        except DraftConflict as conflict:
            raise Conflict(f"The draft is at version {conflict.domain.version}.") from None
        except DraftRefused as refused:
            raise Unworkable({"pack_text": [str(refused)]}) from None
        return Response(told(self, slug))


def told(view: Resource, slug: str) -> Any:
    """A draft with its findings, as data. Raises Http404."""
    domain = found(lists.domain(slug))
    domain.findings = draft_findings(domain)
    return view.told(DraftRow, domain)


class DraftAudits(Resource):
    """``drafts/{slug}/audits/``"""

    actions = {"POST": "catalogue.edit"}
    says = {"POST": "Ask for an audit of the draft as it stands. A worker does it; look at `Location` until it is done."}
    gives = {"POST": AuditRow}
    status = {"POST": 202}
    problems = {"POST": (400, 422)}
    keyed = True

    def post(self, request: Request, slug: str) -> Response:
        """Ask for one."""
        domain = found(lists.domain(slug))

        def ask() -> Answer:
            try:
                job = audits.audit_ask(actor=self.caller, domain=domain)
            except DraftRefused as refused:
                raise Unworkable({"pack_text": [str(refused)]}) from None
            place = request.build_absolute_uri(reverse("api:one_audit", kwargs={"audit_id": job.pk}))
            return Answer(202, audit_told(self, job), place)

        return answered(request, self.caller, ask)


class OneAudit(Single):
    """``audits/{id}/``"""

    actions = {"GET": "catalogue.view"}
    says = {"GET": "Read how far an audit is, and what it found. Each finding with its place and line."}
    gives = {"GET": AuditRow}

    def get(self, request: Request, **places: Any) -> Response:
        """The audit."""
        return Response(audit_told(self, found(drafts.pack_audit(places["audit_id"]))))


class PublishAudit(Resource):
    """``audits/{id}/publish/``"""

    actions = {"POST": "catalogue.publish"}
    says = {"POST": "Publish the text that an audit passed. Refused when the draft has changed since."}
    gives = {"POST": ReleaseRow}
    status = {"POST": 201}
    problems = {"POST": (409,)}

    def post(self, request: Request, audit_id: int) -> Response:
        """Publish it."""
        found(drafts.pack_audit(audit_id))
        try:
            release = audits.publish(actor=self.caller, audit_id=audit_id)
        except DraftRefused as refused:
            raise Conflict(str(refused)) from None
        return Response(self.told(ReleaseRow, release), status=201)


def audit_told(view: Resource, job: PackAudit) -> dict[str, Any]:
    """An audit with its findings, as data."""
    job.findings = msgspec.convert(job.report, AuditReport).findings if job.report else []  # type: ignore[attr-defined]
    return dict(view.told(AuditRow, job))


DRAFTS: tuple[tuple[str, type[Any]], ...] = (
    ("drafts/", Drafts),
    ("drafts/<slug:slug>/", OneDraft),
    ("drafts/<slug:slug>/audits/", DraftAudits),
    ("audits/<id:audit_id>/", OneAudit),
    ("audits/<id:audit_id>/publish/", PublishAudit),
)
"""Paths below ``/api/v1/`` and their views."""

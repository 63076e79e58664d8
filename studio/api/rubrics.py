"""Rubrics: read, write a draft, see what lint finds, publish with what became of each criterion."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from judging.engine.rubric_lint import LARGEST, read_draft
from judging.models import Meaning, RubricDraft, RubricVersion
from judging.selectors import rubric_pages
from judging.selectors.rubric_choices import choice_of
from judging.selectors.rubric_drafts import draft_of
from judging.services.rubric_drafts import RubricConflict, RubricRefused
from studio.api.drafts import FindingRow
from studio.api.problems import Conflict, Unworkable
from studio.api.resource import Resource, Single, found
from studio.pipelines import rubric_choices
from studio.pipelines import rubric_drafts as pipeline
from synthesis.selectors import lists

SEEN = "The version of the draft that was read: 409 when there is a newer one."


class RubricRow(serializers.Serializer[Any]):
    """A rubric and its newest version."""

    slug = serializers.CharField(source="rubric.slug")
    name = serializers.CharField(source="rubric.name")
    description = serializers.CharField(source="rubric.description")
    versions = serializers.IntegerField(help_text="How many there are; 0 before the first.")
    newest = serializers.CharField(source="newest.digest", default=None, allow_null=True, help_text="Digest of the newest version.")
    criteria = serializers.IntegerField(help_text="How many it asks.")


class RubricList(serializers.Serializer[Any]):
    """Rubrics, by name."""

    rubrics = RubricRow(many=True)


class RubricVersionRow(serializers.ModelSerializer[RubricVersion]):
    """A version, which never changes."""

    class Meta:
        model = RubricVersion
        fields = ("number", "digest", "created", "body")


class RubricWhole(serializers.Serializer[Any]):
    """A rubric with all its versions, newest first."""

    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    versions = RubricVersionRow(many=True)


class RubricDraftRow(serializers.ModelSerializer[RubricDraft]):
    """The draft of a rubric."""

    findings = FindingRow(many=True, help_text="What reading it and lint find. Errors forbid publishing.")

    class Meta:
        model = RubricDraft
        fields = ("slug", "version", "text", "edited_by", "updated", "findings")


class RubricText(serializers.Serializer[Any]):
    """A text to save."""

    text = serializers.CharField(allow_blank=True, trim_whitespace=False, max_length=LARGEST, help_text="YAML.")
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, help_text=SEEN)


class RubricPublication(serializers.Serializer[Any]):
    """What becomes of each criterion that differs from the newest version and is in both."""

    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, help_text=SEEN)
    meanings = serializers.DictField(
        child=serializers.ChoiceField([Meaning.SAME, Meaning.REWORDED, Meaning.NEW]),
        required=False,
        default=dict,
        help_text="By criterion: same and reworded carry labels over (of reworded a sample is asked once more), new leaves them behind.",
    )


class Rubrics(Single):
    """``rubrics/``"""

    actions = {"GET": "rubrics.view"}
    says = {"GET": "List rubrics. Each with its newest version."}
    gives = {"GET": RubricList}

    def get(self, request: Request, **places: Any) -> Response:
        """The list."""
        return Response(self.told(RubricList, {"rubrics": rubric_pages.rubrics()}))


class OneRubric(Single):
    """``rubrics/{slug}/``"""

    actions = {"GET": "rubrics.view"}
    says = {"GET": "Read a rubric. With every version."}
    gives = {"GET": RubricWhole}

    def get(self, request: Request, **places: Any) -> Response:
        """The rubric."""
        row = found(rubric_pages.rubric_get(places["slug"]))
        facts = {"slug": row.slug, "name": row.name, "description": row.description, "versions": rubric_pages.versions_of(row)}
        return Response(self.told(RubricWhole, facts))


class OneRubricDraft(Resource):
    """``rubrics/{slug}/draft/``"""

    actions = {"GET": "rubrics.edit", "POST": "rubrics.edit"}
    says = {
        "GET": "Read the draft of a rubric. With what lint finds; 404 until somebody begins one by saving or on its page.",
        "POST": "Save the draft of a rubric. Where there is none yet, it begins as the newest version, at version 1.",
    }
    takes = {"POST": RubricText}
    gives = {"GET": RubricDraftRow, "POST": RubricDraftRow}
    problems = {"POST": (409, 422)}

    def get(self, request: Request, slug: str) -> Response:
        """The draft."""
        return Response(told(self, slug))

    def post(self, request: Request, slug: str) -> Response:
        """Save it."""
        wanted = self.asked(request)
        if draft_of(slug) is None:
            found(rubric_pages.rubric_get(slug))
        try:
            draft = pipeline.draft_open(actor=self.caller, slug=slug)
            pipeline.draft_write(actor=self.caller, draft=draft, **wanted)
        except RubricConflict as conflict:
            raise Conflict(f"The draft is at version {conflict.draft.version}.") from None
        except RubricRefused as refused:
            raise Unworkable({"text": [str(refused)]}) from None
        return Response(told(self, slug))


class PublishRubric(Resource):
    """``rubrics/{slug}/publish/``"""

    actions = {"POST": "rubrics.edit"}
    says = {"POST": "Publish the draft of a rubric. Labels follow it as is declared for each criterion; nothing is deleted."}
    takes = {"POST": RubricPublication}
    gives = {"POST": RubricVersionRow}
    status = {"POST": 201}
    problems = {"POST": (409, 422)}

    def post(self, request: Request, slug: str) -> Response:
        """Publish it."""
        draft, wanted = found(draft_of(slug)), self.asked(request)
        try:
            made = pipeline.publish(actor=self.caller, draft=draft, seen=wanted["version"], meanings=wanted["meanings"])
        except RubricConflict as conflict:
            raise Conflict(f"The draft is at version {conflict.draft.version}.") from None
        except RubricRefused as refused:
            raise Unworkable({"meanings": [str(refused)]}) from None
        return Response(self.told(RubricVersionRow, made.version), status=201)


class RubricChoiceSaid(serializers.Serializer[Any]):
    """Which rubric is attached."""

    rubric = serializers.CharField(allow_null=True, help_text="Slug; null: none of its own.")
    by = serializers.CharField(allow_null=True, help_text="Who attached it.")
    at = serializers.DateTimeField(allow_null=True)


class RubricChosen(serializers.Serializer[Any]):
    """Which rubric to attach."""

    rubric = serializers.CharField(max_length=80, allow_blank=True, help_text="Slug of a published rubric; empty: none of its own.")


class Choosing(Resource):
    """The rubric of one thing of the catalogue."""

    actions = {"GET": "rubrics.view", "POST": "rubrics.edit"}
    takes = {"POST": RubricChosen}
    gives = {"GET": RubricChoiceSaid, "POST": RubricChoiceSaid}
    problems = {"POST": (422,)}
    row: Any

    def get(self, request: Request, **places: Any) -> Response:
        """What is attached."""
        return self._said(found(type(self).row(**places)))

    def post(self, request: Request, **places: Any) -> Response:
        """Attach another, or none."""
        thing, wanted = found(type(self).row(**places)), self.asked(request)
        try:
            rubric_choices.choose(actor=self.caller, thing=thing, rubric=wanted["rubric"])
        except rubric_choices.ChoiceRefused as refused:
            raise Unworkable({"rubric": [str(refused)]}) from None
        return self._said(thing)

    def _said(self, thing: Any) -> Response:
        choice = choice_of(thing)
        said = {"rubric": choice.rubric.slug, "by": choice.by, "at": choice.at} if choice else dict.fromkeys(("rubric", "by", "at"))
        return Response(self.told(RubricChoiceSaid, said))


class DomainRubric(Choosing):
    """``domains/{slug}/rubric/``"""

    says = {
        "GET": "Read which rubric a domain is judged by. Null where it has none of its own.",
        "POST": "Attach a rubric to a domain. Runs that start from now on and name none ask its newest version.",
    }
    row = staticmethod(lists.domain)


class ScenarioRubric(Choosing):
    """``scenarios/{digest}/rubric/``"""

    says = {
        "GET": "Read which rubric a scenario is judged by. Null where it has none of its own.",
        "POST": "Attach a rubric to a scenario. It goes before that of its domain.",
    }
    row = staticmethod(lists.scenario)


def told(view: Resource, slug: str) -> Any:
    """A draft with its findings, as data. Raises Http404."""
    draft = found(draft_of(slug))
    draft.findings = read_draft(draft.text, draft.slug)[1]
    return view.told(RubricDraftRow, draft)


RUBRICS: tuple[tuple[str, type[Any]], ...] = (
    ("rubrics/", Rubrics),
    ("rubrics/<slug:slug>/", OneRubric),
    ("rubrics/<slug:slug>/draft/", OneRubricDraft),
    ("rubrics/<slug:slug>/publish/", PublishRubric),
    ("domains/<slug:slug>/rubric/", DomainRubric),
    ("scenarios/<digest:digest>/rubric/", ScenarioRubric),
)
"""Paths below ``/api/v1/`` and their views."""

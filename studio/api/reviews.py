"""Reviews, and the items that wait for them. What a judge or somebody else thinks of an episode is nowhere in here."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from judging.engine.attribution import PARTIES, SEVERITIES
from judging.engine.checks.registry import TAGS
from judging.engine.review import Answer, Flaw, Sheet
from judging.models import Review, ReviewDecision, ReviewState, Verdict
from judging.selectors import reviews
from judging.selectors.rubrics import rubric_of
from judging.selectors.transcripts import transcript
from judging.services.review_claims import draft_resume
from judging.services.review_work import ReviewError
from studio.access.permissions import can
from studio.api.episodes import Message
from studio.api.pages import PageQuery
from studio.api.problems import Conflict, Unworkable
from studio.api.resource import Listing, Resource, Single, found
from studio.pipelines import reviewing

LACKS = {
    "no_value": "Give a value from 0 to 5, or null where it does not apply.",
    "no_ground": "A value this low rejects the episode: name an event or give a reason.",
    "no_event": "There is no such event: {events}.",
    "no_party": "Name the party, or leave tag and severity out.",
    "no_decision": "Decide: keep, fix or drop.",
}
REFUSALS = {
    "not_open": "The review is sealed or left already.",
    "elsewhere": "The item was opened anew elsewhere: read it again for its token.",
}
LONGEST = 10_000


class VerdictRow(serializers.ModelSerializer[Verdict]):
    """The answer to one criterion; ``value`` is null where it does not apply."""

    criterion = serializers.CharField(source="criterion.slug")
    evidence = serializers.ListField(child=serializers.IntegerField(), help_text="Event numbers.")

    class Meta:
        model = Verdict
        fields = ("criterion", "answered", "value", "reason", "evidence")


class ReviewRow(serializers.ModelSerializer[Review]):
    """Somebody's review of an item."""

    item = serializers.IntegerField(source="item_id")
    episode = serializers.SerializerMethodField(help_text="Null until the review is sealed or left.")
    queue = serializers.CharField(source="item.queue.slug")
    reviewer = serializers.CharField(source="reviewer.username")
    revises = serializers.IntegerField(source="revises_id", allow_null=True, help_text="The version before it.")
    verdicts = VerdictRow(many=True)

    class Meta:
        model = Review
        fields = (
            "id", "item", "episode", "queue", "reviewer", "state", "decision", "confidence", "comment", "first_error", "active_seconds",
            "late", "reason", "revises", "started", "sealed", "verdicts", "party", "tag", "severity",
        )  # fmt: skip

    def get_episode(self, review: Review) -> int | None:
        """Its number: not while it is a draft, or somebody would see that they had the episode before."""
        return None if review.state == ReviewState.DRAFT else review.item.episode_id


class ItemRow(serializers.ModelSerializer[Review]):
    """An item that the caller has begun."""

    id = serializers.IntegerField(source="item_id")
    queue = serializers.CharField(source="item.queue.slug")
    domain = serializers.CharField(source="item.episode.domain")
    token = serializers.CharField(source="slot.token", default="", help_text="Goes back with the review.")
    lease_until = serializers.DateTimeField(source="slot.lease_until", default=None, allow_null=True)

    class Meta:
        model = Review
        fields = ("id", "queue", "domain", "state", "token", "lease_until", "started")


class Question(serializers.Serializer[Any]):
    """One criterion of the rubric."""

    criterion = serializers.CharField()
    question = serializers.CharField()
    hard = serializers.BooleanField(help_text="A low value rejects the episode.")
    scale = serializers.DictField(child=serializers.CharField(), help_text="What values mean, 0-5.")


class ItemWhole(ItemRow):
    """An item with what is to be read and answered."""

    guidelines = serializers.CharField()
    rubric = serializers.ListField(child=Question())
    messages = serializers.ListField(child=Message())
    ended = serializers.CharField(allow_null=True, help_text="How the episode ended.")

    class Meta(ItemRow.Meta):
        fields = (*ItemRow.Meta.fields, "guidelines", "rubric", "messages", "ended")  # type: ignore[assignment]


class ClaimAsk(serializers.Serializer[Any]):
    """Which queue."""

    queue = serializers.SlugField(max_length=80, required=False, default="", allow_blank=True, help_text="Any when left out.")


class AnswerIn(serializers.Serializer[Any]):
    """The answer to one criterion."""

    criterion = serializers.SlugField(max_length=80)
    value = serializers.IntegerField(min_value=0, max_value=5, allow_null=True, help_text="Null: does not apply.")
    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=LONGEST)
    evidence = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=2**31 - 1), required=False, default=list, max_length=50
    )


class SealIn(serializers.Serializer[Any]):
    """A review to seal."""

    token = serializers.CharField(max_length=32, allow_blank=True, help_text="From the item.")
    decision = serializers.ChoiceField(ReviewDecision.choices)
    answers = serializers.ListField(child=AnswerIn(), max_length=100)
    confidence = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1, max_value=3)
    comment = serializers.CharField(required=False, default="", allow_blank=True, max_length=LONGEST)
    first_error = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=0, max_value=2**31 - 1)
    party = serializers.ChoiceField(PARTIES, required=False, default="", allow_blank=True, help_text="Who is to blame.")
    tag = serializers.ChoiceField(TAGS, required=False, default="", allow_blank=True, help_text="By what mistake.")
    severity = serializers.ChoiceField(SEVERITIES, required=False, default="", allow_blank=True)


class ReviewQuery(PageQuery):
    """Filters of reviews."""

    state = serializers.ChoiceField(ReviewState.choices, required=False)


class Reviews(Listing):
    """``reviews/``"""

    actions = {"GET": "review.view"}
    says = {"GET": "List reviews. Newest first; one's own, for those who manage reviews everybody's."}
    query = {"GET": ReviewQuery}
    gives = {"GET": ReviewRow}
    rows = reviews.reviews

    def given(self, **places: Any) -> dict[str, Any]:
        """Whose."""
        return whose(self)


class OneReview(Single):
    """``reviews/{id}/``"""

    actions = {"GET": "review.view"}
    says = {"GET": "Read a review. With the answers to each criterion."}
    gives = {"GET": ReviewRow}

    def get(self, request: Request, **places: Any) -> Response:
        """The review."""
        return Response(self.told(ReviewRow, found(reviews.review_get(review_id=places["review_id"], **whose(self)))))


def whose(view: Resource) -> dict[str, Any]:
    """Whose reviews the caller may read, and what of them not yet."""
    everybody = can(view.caller, "review.manage")
    return {"reviewer_id": None if everybody else view.caller.pk, "viewer_id": view.caller.pk}


class ReviewItems(Listing):
    """``review-items/``"""

    actions = {"GET": "review.view"}
    says = {"GET": "List items that you have begun. Oldest first; what is sealed or left is among your reviews."}
    query = {"GET": PageQuery}
    gives = {"GET": ItemRow}
    rows = reviews.drafts

    def given(self, **places: Any) -> dict[str, Any]:
        """Mine."""
        return {"reviewer_id": self.caller.pk}


class ClaimItem(Resource):
    """``review-items/claim/``"""

    actions = {"POST": "review.score"}
    says = {"POST": "Claim an item. The one you hold, else the next that waits for you; it is kept for you until its lease ends."}
    takes = {"POST": ClaimAsk}
    gives = {"POST": ItemWhole}
    problems = {"POST": (409,)}

    def post(self, request: Request) -> Response:
        """Claim."""
        review = reviewing.claim(actor=self.caller, slug=self.asked(request)["queue"])
        if review is None:
            raise Conflict("Nothing waits for you.")
        return Response(whole(mine(self, review.item_id)))


class OneReviewItem(Resource):
    """``review-items/{id}/``"""

    actions = {"GET": "review.view", "POST": "review.score"}
    says = {
        "GET": "Read an item that you have begun. With the conversation and the rubric.",
        "POST": "Keep an item again. For one whose lease ended; without a place left at it, what you hand in is an extra review.",
    }
    gives = {"GET": ItemWhole, "POST": ItemWhole}

    def get(self, request: Request, item_id: int) -> Response:
        """The item."""
        return Response(whole(mine(self, item_id)))

    def post(self, request: Request, item_id: int) -> Response:
        """Keep it."""
        draft_resume(review=mine(self, item_id), now=timezone.now())
        return Response(whole(mine(self, item_id)))


class SealItem(Resource):
    """``review-items/{id}/seal/``"""

    actions = {"POST": "review.score"}
    says = {"POST": "Hand in a review. Sealed at once; what is missing is told by criterion, and what was sent is kept as a draft."}
    takes = {"POST": SealIn}
    gives = {"POST": ReviewRow}
    status = {"POST": 201}
    problems = {"POST": (409, 422)}

    def post(self, request: Request, item_id: int) -> Response:
        """Seal."""
        wanted, review = self.asked(request), mine(self, item_id)
        unknown = {answer["criterion"] for answer in wanted["answers"]} - {c.id for c in rubric(review).criteria}
        if unknown:
            raise Unworkable({"answers": [f"There is no criterion {', '.join(sorted(unknown))}."]})

        try:
            sealing = reviewing.seal(actor=self.caller, review=review, sheet=sheet_of(wanted), token=wanted["token"])
        except ReviewError as error:
            raise Conflict(REFUSALS[error.code]) from error
        if sealing.flaws:
            raise Unworkable({flaw.place: [words_of(flaw)] for flaw in sealing.flaws})
        made = found(reviews.review_get(review_id=review.pk, **whose(self)))
        place = request.build_absolute_uri(reverse("api:one_review", kwargs={"review_id": review.pk}))
        return Response(self.told(ReviewRow, made), status=201, headers={"Location": place})


def mine(view: Resource, item_id: int) -> Review:
    """The caller's review of the item. Raises Http404 where it never was theirs."""
    review: Review = found(reviews.review_of(item_id=item_id, reviewer_id=view.caller.pk))
    return review


def rubric(review: Review) -> Any:
    """What the review answers."""
    return rubric_of(review.item.queue.rubric_version)


def whole(review: Review) -> dict[str, Any]:
    """An item with its conversation and rubric, as data."""
    read = found(transcript(review.item.episode_id))
    questions = [{"criterion": c.id, "question": c.question, "hard": c.hard, "scale": c.scale} for c in rubric(review).criteria]
    return dict(ItemRow(review).data) | {
        "guidelines": review.item.queue.guidelines,
        "rubric": [{**question, "scale": {str(value): words for value, words in question["scale"].items()}} for question in questions],
        "messages": read["messages"],
        "ended": read["reason"],
    }


def sheet_of(wanted: Any) -> Sheet:
    """What was sent, as a sheet."""
    answers = [Answer(answer["criterion"], True, answer["value"], answer["reason"], answer["evidence"]) for answer in wanted["answers"]]
    told = {name: wanted[name] for name in ("decision", "confidence", "comment", "first_error", "party", "tag", "severity")}
    return Sheet(answers, **told)


def words_of(flaw: Flaw) -> str:
    """What is missing, as a sentence."""
    return LACKS[flaw.lack].format(events=", ".join(map(str, flaw.events)))


REVIEWS: tuple[tuple[str, type[Any]], ...] = (
    ("reviews/", Reviews),
    ("reviews/<id:review_id>/", OneReview),
    ("review-items/", ReviewItems),
    ("review-items/claim/", ClaimItem),
    ("review-items/<id:item_id>/", OneReviewItem),
    ("review-items/<id:item_id>/seal/", SealItem),
)
"""Paths below ``/api/v1/`` and their views."""

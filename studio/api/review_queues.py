"""Review queues: their settings and routing rules, what is in them, how people do in them."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from judging.models import ReviewMode, ReviewQueue, RubricVersion
from judging.models.review_queue import LIMITS
from judging.selectors import review_overview as overview
from judging.selectors import reviews, rubrics
from judging.selectors.reviewer_cards import Card, Share, cards
from studio.api.pages import PageQuery
from studio.api.problems import Unworkable
from studio.api.resource import Listing, Resource, Single, found
from studio.pipelines import reviewing

DIGEST = 64
SHARES = {
    "fail_share": "Share of failed episodes that runs send.",
    "pass_share": "Share of all other passes, drawn at random.",
    "disagree_share": "Share of episodes about which judges differ: two kinds of judge, or the members of a panel. 0: the rule is off.",
    "unsure_share": "Share of passes with an overall score below `unsure_below`. 0: the rule is off.",
    "unsure_below": "Overall score, 0 to 5.",
    "new_release_share": "Share of passes of a release that is new to the queue. 0: the rule is off.",
    "random_share": "Least share of random passes in all that is sent.",
    "gold_share": "Share of what a reviewer gets whose truth is known.",
    "repeat_share": "Share of what a reviewer gets that they have reviewed before.",
}
COUNTS = {
    "overlap": "People that review an item; a change holds for every item that is not done.",
    "lease_minutes": "How long an item is kept for somebody who is away.",
    "most_per_run": "Most items that one run sends.",
}
SETTINGS = ("name", "guidelines", "active", *COUNTS, *SHARES)


class QueueRow(serializers.ModelSerializer[ReviewQueue]):
    """A review queue with its rules. Of every stratum a rule sends its share; each item keeps the probability with which it was chosen."""

    rubric = serializers.CharField(source="rubric_version.rubric.slug")
    rubric_version = serializers.CharField(source="rubric_version.digest")

    class Meta:
        model = ReviewQueue
        fields = ("slug", "rubric", "rubric_version", "mode", *SETTINGS, "repeat_hours", "created")


class QueueLoad(serializers.Serializer[Any]):
    """What is in a queue."""

    waiting = serializers.IntegerField()
    started = serializers.IntegerField()
    done = serializers.IntegerField()
    broken = serializers.IntegerField()
    slots = serializers.IntegerField(help_text="Reviews that are still wanted.")
    minutes = serializers.FloatField(help_text="That one takes.")
    hours = serializers.FloatField(help_text="Of people, until nothing is left.")
    oldest = serializers.DateTimeField(allow_null=True)


class QueueWhole(QueueRow):
    """A review queue with what is in it."""

    load = QueueLoad()

    class Meta(QueueRow.Meta):
        fields = (*QueueRow.Meta.fields, "load")


def _number(name: str, words: str, kind: Any) -> Any:
    least, most = LIMITS[name]
    return kind(required=False, min_value=least, max_value=most, help_text=words)


class QueueSettings(serializers.Serializer[Any]):
    """Settings of a queue; what is left out stays as it is, or as the studio has it by default."""

    name = serializers.CharField(max_length=200, required=False)
    guidelines = serializers.CharField(max_length=10_000, required=False, allow_blank=True, help_text="Shown above every item.")
    active = serializers.BooleanField(required=False, help_text="Whether runs send episodes by themselves.")

    def get_fields(self) -> dict[str, Any]:
        """With the numbers and their limits."""
        numbers = {name: _number(name, words, serializers.IntegerField) for name, words in COUNTS.items()}
        return super().get_fields() | numbers | {name: _number(name, words, serializers.FloatField) for name, words in SHARES.items()}


class NewQueue(QueueSettings):
    """A queue to make. Rubric and mode hold for good."""

    name = serializers.CharField(max_length=200)
    rubric = serializers.CharField(max_length=80, help_text="Slug, whose newest version is meant, or digest of a version.")
    mode = serializers.ChoiceField(ReviewMode.choices, required=False, default=ReviewMode.BLIND)


class ShareSaid(serializers.Serializer[Any]):
    """So many of so many answers to single criteria."""

    right = serializers.IntegerField()
    of = serializers.IntegerField()


class ReviewerRow(serializers.Serializer[Any]):
    """How one person does: answers agree when both or neither reject the episode and they lie at most one point apart."""

    reviewer = serializers.CharField(source="username")
    sealed = serializers.IntegerField()
    declined = serializers.IntegerField()
    drafts = serializers.IntegerField()
    late = serializers.IntegerField(help_text="Of the sealed ones, those that came when nobody waited for them any more.")
    minutes = serializers.IntegerField(help_text="At work.")
    per_hour = serializers.FloatField(allow_null=True)
    gold = ShareSaid(help_text="Right on items whose truth is known.")
    others = ShareSaid(help_text="Agreeing with other people.")
    settled = ShareSaid(help_text="Agreeing with what was settled.")
    own = ShareSaid(help_text="Agreeing with themselves, later.")


class ReviewerList(serializers.Serializer[Any]):
    """Everybody who had an item of the queue, busiest first."""

    reviewers = ReviewerRow(many=True)


class ReviewQueues(Listing):
    """``review-queues/``"""

    actions = {"GET": "review.manage", "POST": "review.manage"}
    says = {
        "GET": "List review queues. By slug, with their routing rules.",
        "POST": "Make a review queue. Its rubric and mode hold for good, so that what comes out of it can be compared.",
    }
    query = {"GET": PageQuery}
    takes = {"POST": NewQueue}
    gives = {"GET": QueueRow, "POST": QueueRow}
    status = {"POST": 201}
    problems = {"POST": (422,)}
    rows, key, kind = reviews.queue_list, "slug", str

    def post(self, request: Request) -> Response:
        """Make one."""
        settings = dict(self.asked(request))
        version, mode = _version(settings.pop("rubric")), settings.pop("mode")
        made = reviewing.queue_create(actor=self.caller, version=version, mode=mode, settings=settings)
        place = request.build_absolute_uri(reverse("api:one_review_queue", kwargs={"slug": made.slug}))
        return Response(self.told(QueueRow, made), status=201, headers={"Location": place})


def _version(name: str) -> RubricVersion:
    try:
        return rubrics.rubric_version(name) if len(name) == DIGEST else rubrics.newest_version(name)
    except rubrics.RubricMissing as missing:
        raise Unworkable({"rubric": [str(missing)]}) from None


class OneReviewQueue(Single):
    """``review-queues/{slug}/``"""

    actions = {"GET": "review.manage", "POST": "review.manage"}
    says = {
        "GET": "Read a review queue. With what is in it and how long that will take.",
        "POST": "Change a review queue. Only what is named; what runs send from now on follows the new rules.",
    }
    takes = {"POST": QueueSettings}
    gives = {"GET": QueueWhole, "POST": QueueWhole}

    def get(self, request: Request, **places: Any) -> Response:
        """The queue."""
        return Response(_whole(self, found(reviews.queue_get(places["slug"]))))

    def post(self, request: Request, slug: str) -> Response:
        """Change it."""
        queue, changes = found(reviews.queue_get(slug)), dict(self.asked(request))
        if changes:
            reviewing.queue_edit(actor=self.caller, queue=queue, changes=changes)
        return Response(_whole(self, queue))


def _whole(view: Resource, queue: ReviewQueue) -> Mapping[str, Any]:
    load = overview.load_of(queue)._asdict()
    return dict(view.told(QueueRow, queue)) | {"load": dict(QueueLoad(load).data)}


class QueueReviewers(Single):
    """``review-queues/{slug}/reviewers/``"""

    actions = {"GET": "review.manage"}
    says = {"GET": "Read how reviewers do in a queue. On gold items, beside others, beside what was settled, and beside themselves."}
    gives = {"GET": ReviewerList}

    def get(self, request: Request, **places: Any) -> Response:
        """The cards."""
        queue = found(reviews.queue_get(places["slug"]))
        return Response(self.told(ReviewerList, {"reviewers": [_card(card) for card in cards(queue=queue)]}))


def _card(card: Card) -> dict[str, Any]:
    return {name: value._asdict() if isinstance(value, Share) else value for name, value in card._asdict().items()}


REVIEW_QUEUES: tuple[tuple[str, type[Any]], ...] = (
    ("review-queues/", ReviewQueues),
    ("review-queues/<slug:slug>/", OneReviewQueue),
    ("review-queues/<slug:slug>/reviewers/", QueueReviewers),
)
"""Paths below ``/api/v1/`` and their views."""

"""Disputes, to be settled by somebody who gave none of their answers; and gold items. Of an episode that the caller reviews blind nothing
of either is told.
"""

from typing import Any

from django.http import Http404
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from judging.models import Adjudication, ReviewItem, ReviewQueue
from judging.selectors import adjudications, golds, reviews
from judging.selectors import review_overview as overview
from judging.selectors.rubrics import rubric_of
from judging.selectors.transcripts import transcript
from judging.services.adjudications import LONGEST_NOTE, AdjudicationError, Ruling
from judging.services.review_probes import GoldError
from studio.access.permissions import can
from studio.api.episodes import Message
from studio.api.pages import PageQuery
from studio.api.problems import Conflict, Unworkable
from studio.api.resource import Listing, NoBody, Resource, Single, found
from studio.api.reviews import Question
from studio.pipelines import adjudicating

EXPECTED = "What is right, by criterion: 0 to 5, or null where it does not apply. Criteria that are left out are not compared."
LACKS = {
    "no_answer": "Choose the letter of an answer, `new` with a value, or `ambiguous`.",
    "no_note": "Say what is ambiguous: whoever words the question anew reads it.",
}


class DisputeRow(serializers.Serializer[Any]):
    """An item with something that the caller may settle."""

    id = serializers.IntegerField(source="item.pk")
    queue = serializers.CharField(source="item.queue.slug")
    domain = serializers.CharField(source="item.episode.domain")
    criteria = serializers.ListField(child=serializers.CharField())
    causes = serializers.SerializerMethodField(help_text="Who differs: people, or a person and the judge.")
    since = serializers.DateTimeField()

    def get_causes(self, row: adjudications.WaitingItem) -> list[str]:
        """In order."""
        return sorted(row.causes)


class AnswerRow(serializers.Serializer[Any]):
    """One answer. Whose it is stays untold."""

    letter = serializers.CharField()
    value = serializers.FloatField(allow_null=True, help_text="0 to 5; null: does not apply.")
    reason = serializers.CharField()
    evidence = serializers.ListField(child=serializers.IntegerField(), help_text="Event numbers.")


class DisputedQuestion(Question):
    """A criterion that waits to be settled, and its answers in random order."""

    answers = serializers.ListField(child=AnswerRow())


class DisputeWhole(serializers.Serializer[Any]):
    """A dispute with the conversation that it is about."""

    id = serializers.IntegerField()
    queue = serializers.CharField()
    domain = serializers.CharField()
    guidelines = serializers.CharField()
    questions = serializers.ListField(child=DisputedQuestion())
    messages = serializers.ListField(child=Message())
    ended = serializers.CharField(allow_null=True, help_text="How the episode ended.")


class RulingIn(serializers.Serializer[Any]):
    """What is decided of one criterion."""

    criterion = serializers.SlugField(max_length=80)
    choice = serializers.CharField(max_length=9, help_text="A letter, `new` (with `value`), or `ambiguous` (with `note`).")
    value = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=5, help_text="Of `new`; null: does not apply."
    )
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=LONGEST_NOTE)


class SettleIn(serializers.Serializer[Any]):
    """What is decided: all of it or nothing."""

    rulings = serializers.ListField(child=RulingIn(), min_length=1, max_length=100)

    def validate_rulings(self, rulings: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """One of each criterion: of two, nobody could say which holds."""
        if len({ruling["criterion"] for ruling in rulings}) < len(rulings):
            raise serializers.ValidationError("Rule on each criterion once.")
        return rulings


class SettledRow(serializers.ModelSerializer[Adjudication]):
    """A criterion that was settled."""

    item = serializers.IntegerField(source="item_id")
    criterion = serializers.CharField(source="criterion.slug")

    class Meta:
        model = Adjudication
        fields = ("item", "criterion", "cause", "outcome", "value", "note", "settled")


class SettledList(serializers.Serializer[Any]):
    """What was settled just now."""

    settled = SettledRow(many=True)


class GoldRow(serializers.Serializer[Any]):
    """A gold item: its truth is known. Reviewers meet it unmarked, now and then."""

    id = serializers.IntegerField(source="gold.pk")
    item = serializers.IntegerField(source="gold.item_id")
    episode = serializers.IntegerField(source="gold.item.episode_id")
    domain = serializers.CharField(source="gold.item.episode.domain")
    expected = serializers.DictField(source="gold.expected", child=serializers.IntegerField(allow_null=True), help_text=EXPECTED)
    by = serializers.CharField(source="gold.by.username")
    created = serializers.DateTimeField(source="gold.created")
    given = serializers.IntegerField(help_text="To how many people it was given.")
    sealed = serializers.IntegerField(help_text="How many of them sealed it.")


class GoldIn(serializers.Serializer[Any]):
    """An item to mark, or to mark anew."""

    item = serializers.IntegerField(min_value=1, max_value=2**63 - 1, help_text="Of this queue, and done.")
    expected = serializers.DictField(child=serializers.IntegerField(min_value=0, max_value=5, allow_null=True), help_text=EXPECTED)


class Disputes(Listing):
    """``disputes/``"""

    actions = {"GET": "review.adjudicate"}
    says = {"GET": "List disputes that you may settle. Oldest item first; not those of items that you reviewed, or of episodes you review."}
    query = {"GET": PageQuery}
    gives = {"GET": DisputeRow}
    rows = adjudications.waiting_items

    def given(self, **places: Any) -> dict[str, Any]:
        """Mine to settle."""
        return {"person_id": self.caller.pk}


class OneDispute(Single):
    """``disputes/{item}/``"""

    actions = {"GET": "review.adjudicate", "POST": "review.adjudicate"}
    says = {
        "GET": "Read a dispute. Answers stand side by side under letters, the judge's among them; nobody is named.",
        "POST": "Settle a dispute. All of the rulings or none; `ambiguous` leaves a note for whoever words the question anew.",
    }
    takes = {"POST": SettleIn}
    gives = {"GET": DisputeWhole, "POST": SettledList}
    problems = {"POST": (409, 422)}

    def get(self, request: Request, **places: Any) -> Response:
        """The dispute."""
        return Response(_whole(_item(self, places["disputed_id"])))

    def post(self, request: Request, disputed_id: int) -> Response:
        """Settle it."""
        wanted, item = self.asked(request), _item(self, disputed_id)
        open_now = {found.criterion.id for found in adjudications.disputed(item)}
        unknown = sorted({one["criterion"] for one in wanted["rulings"]} - {c.id for c in rubric_of(item.queue.rubric_version).criteria})
        if unknown:
            raise Unworkable({"rulings": [f"There is no criterion {', '.join(unknown)}."]})
        if gone := sorted({one["criterion"] for one in wanted["rulings"]} - open_now):
            raise Conflict(f"Nothing waits to be settled of {', '.join(gone)}.")
        try:
            made = adjudicating.adjudicate(actor=self.caller, item_id=item.pk, rulings=[Ruling(**one) for one in wanted["rulings"]])
        except AdjudicationError as error:
            if error.code in LACKS:
                raise Unworkable({f"rulings.{error.criterion}": [LACKS[error.code]]}) from None
            raise Conflict("Somebody settled this meanwhile. Nothing was changed.") from None
        return Response(self.told(SettledList, {"settled": made}))


def _item(view: Resource, item_id: int) -> ReviewItem:
    item: ReviewItem = found(adjudications.item_of(item_id=item_id, person_id=view.caller.pk))
    return item


def _whole(item: ReviewItem) -> dict[str, Any]:
    read = found(transcript(item.episode_id))
    return {
        "id": item.pk,
        "queue": item.queue.slug,
        "domain": item.episode.domain,
        "guidelines": item.queue.guidelines,
        "questions": [
            {
                "criterion": row.criterion.id,
                "question": row.criterion.question,
                "hard": row.criterion.hard,
                "scale": {str(value): words for value, words in row.criterion.scale.items()},
                "answers": [AnswerRow(answer).data for answer in row.answers],
            }
            for row in adjudications.disputed(item)
        ],
        "messages": read["messages"],
        "ended": read["reason"],
    }


class QueueGold(Listing):
    """``review-queues/{slug}/gold/``"""

    actions = {"GET": "review.manage", "POST": "review.manage"}
    says = {
        "GET": "List gold items of a queue. Newest first; not those of episodes that you review.",
        "POST": "Mark an item as gold. Only one that is done; marked again, what is expected of it changes.",
    }
    query = {"GET": PageQuery}
    takes = {"POST": GoldIn}
    gives = {"GET": GoldRow, "POST": GoldRow}
    status = {"POST": 201}
    problems = {"POST": (409, 422)}
    rows = golds.golds

    def given(self, **places: Any) -> dict[str, Any]:
        """Of the queue."""
        return {"queue": found(reviews.queue_get(places["slug"])), "viewer_id": self.caller.pk}

    def post(self, request: Request, slug: str) -> Response:
        """Mark it."""
        queue, wanted = found(reviews.queue_get(slug)), self.asked(request)
        item, expected = _of_queue(self, queue, wanted["item"]), wanted["expected"]
        if unknown := sorted(set(expected) - {criterion.id for criterion in rubric_of(queue.rubric_version).criteria}):
            raise Unworkable({"expected": [f"There is no criterion {', '.join(unknown)}."]})
        try:
            gold = adjudicating.gold_mark(actor=self.caller, item=item, expected=expected)
        except GoldError as error:
            if error.code == "no_answer":
                raise Unworkable({"expected": ["Say what is right of one criterion at least."]}) from None
            raise Conflict("Only an item that is done, and no round of another one, can be gold.") from None
        place = request.build_absolute_uri(reverse("api:one_gold_item", kwargs={"gold_id": gold.pk}))
        return Response(self.told(GoldRow, _gold(self, gold.pk)), status=201, headers={"Location": place})


def _of_queue(view: Resource, queue: ReviewQueue, item_id: int) -> ReviewItem:
    item = overview.item_get(item_id)
    if item is None or item.queue_id != queue.pk or not can(view.caller, "judgements.view", item.episode_id):
        raise Unworkable({"item": ["There is no such item in this queue, or you review its episode."]})
    return item


def _gold(view: Resource, gold_id: int) -> golds.Gold:
    """Raises Http404 where the caller reviews its episode."""
    row: golds.Gold = found(golds.gold_get(gold_id))
    if not can(view.caller, "judgements.view", row.gold.item.episode_id):
        raise Http404
    return row


class OneGoldItem(Single):
    """``gold-items/{id}/``"""

    actions = {"GET": "review.manage"}
    says = {"GET": "Read a gold item. With what is expected and how many met it."}
    gives = {"GET": GoldRow}

    def get(self, request: Request, **places: Any) -> Response:
        """The gold item."""
        return Response(self.told(GoldRow, _gold(self, places["gold_id"])))


class RemoveGoldItem(Resource):
    """``gold-items/{id}/remove/``"""

    actions = {"POST": "review.manage"}
    says = {"POST": "Take a gold item back. Nobody gets it as such any more; how people did on it stays."}
    takes = {"POST": NoBody}
    gives = {"POST": GoldRow}

    def post(self, request: Request, gold_id: int) -> Response:
        """Take it back; what it was is told once more."""
        row = _gold(self, gold_id)
        adjudicating.gold_unmark(actor=self.caller, item=row.gold.item)
        return Response(self.told(GoldRow, row))


DISPUTES: tuple[tuple[str, type[Any]], ...] = (
    ("disputes/", Disputes),
    ("disputes/<id:disputed_id>/", OneDispute),
    ("review-queues/<slug:slug>/gold/", QueueGold),
    ("gold-items/<id:gold_id>/", OneGoldItem),
    ("gold-items/<id:gold_id>/remove/", RemoveGoldItem),
)
"""Paths below ``/api/v1/`` and their views."""

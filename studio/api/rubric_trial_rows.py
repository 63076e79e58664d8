"""Trials of rubrics as the interface tells of them, and what it takes to ask for one."""

from typing import Any

from rest_framework import serializers

from judging.models import RubricTrial
from judging.selectors.rubric_trial import NUMBER
from studio.access.blindness import hidden_in
from studio.api.rejudgings import EstimateSaid
from studio.pipelines.trial_plans import MOST


def money(**options: Any) -> serializers.DecimalField:
    """A budget."""
    return serializers.DecimalField(
        max_digits=15,
        decimal_places=6,
        min_value=0,
        required=False,
        allow_null=True,
        default=None,
        help_text="In the currency of the endpoints; then it stops. Left out: the upper end of what is foreseen.",
        **options,
    )


def judging() -> serializers.ListField:
    """Who is asked."""
    slug = serializers.SlugField(max_length=80)
    return serializers.ListField(child=slug, max_length=9, help_text="Endpoints: one model, or several as a panel.")


class TrialWanted(serializers.Serializer[Any]):
    """A draft before model judges."""

    judges = judging()
    number = serializers.IntegerField(min_value=1, max_value=MOST, required=False, default=NUMBER, help_text="Episodes, of every kind.")
    budget = money()


class WordingWanted(serializers.Serializer[Any]):
    """Another wording of a disputed question."""

    criterion = serializers.SlugField(max_length=80, help_text="Its id.")
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False, help_text="Number; the newest when left out.")
    author = serializers.SlugField(max_length=80, help_text="Endpoint that words it anew.")
    judges = judging()
    budget = money()


class WordingSaid(serializers.Serializer[Any]):
    """Another wording."""

    question = serializers.CharField()
    scale = serializers.DictField(child=serializers.CharField(), help_text="Anchors by value.")
    why = serializers.CharField(help_text="What the old one left open, as the model says.")


class TrialRow(serializers.ModelSerializer[RubricTrial]):
    """A trial."""

    rubric = serializers.CharField(source="published.rubric.slug")
    version = serializers.IntegerField(source="published.number", help_text="With which it is compared.")
    draft = serializers.IntegerField(help_text="Version of the draft that is tried; 0: a wording is.")
    criterion = serializers.CharField(source="criterion.slug", default=None, allow_null=True, help_text="The disputed question, or null.")
    judges = serializers.ListField(source="spec.endpoints", child=serializers.CharField())
    episodes = serializers.ListField(child=serializers.IntegerField(), help_text="Without those that the caller reviews blind.")
    proposal = WordingSaid(allow_null=True)
    estimate = EstimateSaid()

    class Meta:
        model = RubricTrial
        fields = (
            "id", "rubric", "version", "draft", "criterion", "author", "judges", "episodes", "status", "problem", "estimate", "budget",
            "cost", "proposal", "asked_by", "created", "finished", "accepted", "accepted_by",
        )  # fmt: skip

    def to_representation(self, instance: RubricTrial) -> dict[str, Any]:
        """As this caller may see it: the episodes of a wording are those that people dispute."""
        row = super().to_representation(instance)
        hidden = hidden_in(self.context)
        row["episodes"] = [episode for episode in row["episodes"] if episode not in hidden]
        return row


class TrialLine(serializers.Serializer[Any]):
    """What a trial found about one episode."""

    episode = serializers.IntegerField()
    overall_before = serializers.FloatField(allow_null=True)
    overall_after = serializers.FloatField(allow_null=True)
    passed_before = serializers.BooleanField(allow_null=True, help_text="Null: open.")
    passed_after = serializers.BooleanField(allow_null=True)
    settled = serializers.FloatField(allow_null=True, help_text="Of a wording: the value that was settled.")
    value = serializers.FloatField(allow_null=True, help_text="Of a wording: what the judge says in the new words.")
    settles = serializers.CharField(allow_null=True, help_text="Of a wording: yes, no or unknown.")


class TrialFound(serializers.Serializer[Any]):
    """What a trial found so far."""

    lines = TrialLine(many=True)


class Budget(serializers.Serializer[Any]):
    """Another budget, or none."""

    budget = money()

"""Review queues: what waits for people, and who holds what of it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from judging.engine.routing import RANDOM_SHARE
from judging.models.rubric import RubricVersion
from synthesis.models.episode import Episode
from synthesis.models.run import Run


class ReviewMode(models.TextChoices):
    """What reviewers see before they seal: nothing of judges; the judge's answers (assisted); those and other people's (audit)."""

    BLIND = "blind"
    ASSISTED = "assisted"
    AUDIT = "audit"


class ItemState(models.TextChoices):
    """Where an item stands. Moves: waiting -> started -> done; either -> broken; broken -> started when somebody disagrees."""

    WAITING = "waiting"
    STARTED = "started"
    DONE = "done"
    BROKEN = "broken"


class SlotState(models.TextChoices):
    """Where a slot stands. Moves: free <-> held -> sealed; sealed -> held when undone; free <-> closed with its item."""

    FREE = "free"
    HELD = "held"
    SEALED = "sealed"
    CLOSED = "closed"


LIMITS: dict[str, tuple[float, float]] = {
    "overlap": (1, 9),
    "lease_minutes": (1, 480),
    "fail_share": (0, 1),
    "pass_share": (0, 1),
    "disagree_share": (0, 1),
    "unsure_share": (0, 1),
    "unsure_below": (0, 5),
    "new_release_share": (0, 1),
    "random_share": (RANDOM_SHARE, 1),
    "most_per_run": (1, 10_000),
    "gold_share": (0, 0.5),
    "repeat_share": (0, 0.5),
}
"""Least and most of every number in a queue's settings, for all doors."""

OPEN_STATES: tuple[str, ...] = (ItemState.STARTED, ItemState.WAITING)
"""Items that still need people, in the order in which they are handed out."""


class ReviewQueue(models.Model):
    """A row is one queue of episodes for people: the rubric they answer, and which episodes finished runs send to it.

    ``mode`` and ``rubric_version`` hold for every item of the queue, so that what comes out of one queue can be compared.
    """

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    rubric_version = models.ForeignKey(RubricVersion, on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(max_length=8, choices=ReviewMode, default=ReviewMode.BLIND)
    overlap = models.PositiveSmallIntegerField(default=1, help_text="How many people review an item.")
    lease_minutes = models.PositiveSmallIntegerField(default=20, help_text="How long an item is kept for somebody who does nothing.")
    guidelines = models.TextField(blank=True)
    fail_share = models.FloatField(default=1.0, help_text="Share of failed episodes that is sent.")
    pass_share = models.FloatField(default=0.1, help_text="Share of passed episodes that is sent, drawn at random.")
    disagree_share = models.FloatField(default=1.0, help_text="Share of episodes about which judges disagree that is sent.")
    unsure_share = models.FloatField(default=0.0, help_text="Share of passed episodes with a low score that is sent.")
    unsure_below = models.FloatField(default=4.0, help_text="Overall score (0-5) below which a pass counts as unsure.")
    new_release_share = models.FloatField(default=0.0, help_text="Share of passed episodes of a release new to the queue that is sent.")
    random_share = models.FloatField(default=0.15, help_text="Least share of what is sent that is drawn from all other passes, 0.15-1.")
    most_per_run = models.PositiveIntegerField(default=60, help_text="Most items that one run sends.")
    gold_share = models.FloatField(default=0.05, help_text="Share of what a reviewer gets that is gold: its truth is known.")
    repeat_share = models.FloatField(default=0.03, help_text="Share of what a reviewer gets that they have reviewed before.")
    repeat_hours = models.PositiveSmallIntegerField(default=24, help_text="How long after its seal an item may come again.")
    active = models.BooleanField(default=True, help_text="Whether runs send episodes; what is in the queue stays to be reviewed.")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-active", "id"]
        constraints = [
            models.CheckConstraint(name="review_queue_mode_known", condition=Q(mode__in=ReviewMode.values)),
            models.CheckConstraint(name="review_queue_overlap", condition=Q(overlap__gte=1, overlap__lte=9)),
            models.CheckConstraint(name="review_queue_lease", condition=Q(lease_minutes__gte=1)),
            models.CheckConstraint(name="review_queue_fail_share", condition=Q(fail_share__gte=0, fail_share__lte=1)),
            models.CheckConstraint(name="review_queue_pass_share", condition=Q(pass_share__gte=0, pass_share__lte=1)),
            models.CheckConstraint(name="review_queue_disagree_share", condition=Q(disagree_share__gte=0, disagree_share__lte=1)),
            models.CheckConstraint(name="review_queue_unsure_share", condition=Q(unsure_share__gte=0, unsure_share__lte=1)),
            models.CheckConstraint(name="review_queue_unsure_below", condition=Q(unsure_below__gte=0, unsure_below__lte=5)),
            models.CheckConstraint(name="review_queue_new_release_share", condition=Q(new_release_share__gte=0, new_release_share__lte=1)),
            models.CheckConstraint(name="review_queue_random_share", condition=Q(random_share__gte=0.15, random_share__lte=1)),
            models.CheckConstraint(name="review_queue_gold_share", condition=Q(gold_share__gte=0, gold_share__lte=0.5)),
            models.CheckConstraint(name="review_queue_repeat_share", condition=Q(repeat_share__gte=0, repeat_share__lte=0.5)),
        ]

    def __str__(self) -> str:
        return self.slug


class ReviewRouting(models.Model):
    """A row is how far a run's episodes have been looked at for a queue: its first ``blocks`` blocks (engine.routing) are sent."""

    queue = models.ForeignKey(ReviewQueue, on_delete=models.CASCADE, related_name="+")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+")
    blocks = models.PositiveIntegerField(default=0)
    complete = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(name="review_routing_once", fields=["queue", "run"])]

    def __str__(self) -> str:
        return f"run {self.run_id} into queue {self.queue_id}"


class Probe(models.TextChoices):
    """Why an item is there beside the work: its truth is known (gold), or its reviewer answers it once more (repeat)."""

    GOLD = "gold"
    REPEAT = "repeat"


CONFIRM = "confirm"
STRATA = ("fail", "disagree", "unsure", "release", "pass", "asked", CONFIRM)


class ReviewItem(models.Model):
    """A row is one episode in one queue; or, as a ``probe``, another round of such an item (``origin``) for one person.

    A probe looks like any other item to its reviewer, and is none to all who count: neither work nor a label.

    ``stratum`` and ``probability`` say how it came to be chosen, for estimates from reviews; reviewers see neither, since they tell what
    the judge thought. ``priority`` is higher for what people asked for, and otherwise random: an order by verdict would tell it too.
    """

    queue = models.ForeignKey(ReviewQueue, on_delete=models.PROTECT, related_name="items")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="+")
    priority = models.PositiveIntegerField(default=0)
    stratum = models.CharField(
        max_length=10, help_text="fail, disagree, unsure, release, pass (random), asked, or confirm (a reworded criterion)."
    )
    probability = models.FloatField(help_text="Of an episode of its stratum to be chosen, 0-1.")
    asked_by = models.CharField(max_length=150, blank=True, help_text="User name of who sent it; empty when its run did.")
    state = models.CharField(max_length=7, choices=ItemState, default=ItemState.WAITING)
    created = models.DateTimeField()
    probe = models.CharField(max_length=6, choices=Probe, blank=True, help_text="Empty: part of the work.")
    origin = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="probes")
    probed = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="Whose probe it is."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(name="review_item_once", fields=["queue", "episode"], condition=Q(probe="")),
            models.UniqueConstraint(name="review_item_probed_once", fields=["origin", "probed"]),
            models.CheckConstraint(
                name="review_item_probe_is_somebodys",
                condition=Q(probe="", origin__isnull=True, probed__isnull=True)
                | Q(probe__in=Probe.values, origin__isnull=False, probed__isnull=False),
            ),
            models.CheckConstraint(name="review_item_state_known", condition=Q(state__in=ItemState.values)),
            models.CheckConstraint(name="review_item_stratum_known", condition=Q(stratum__in=STRATA)),
            models.CheckConstraint(name="review_item_probability", condition=Q(probability__gt=0, probability__lte=1)),
        ]
        indexes = [
            # Claims: what is open, in the order in which it is handed out.
            models.Index("queue", "state", F("priority").desc(), "id", name="review_item_next"),
        ]

    def __str__(self) -> str:
        return f"episode {self.episode_id} in queue {self.queue_id}"


class ReviewSlot(models.Model):
    """A row is one place for a reviewer at an item. ``token`` names one tenure: a window of an older one cannot write over a newer one."""

    item = models.ForeignKey(ReviewItem, on_delete=models.CASCADE, related_name="slots")
    n = models.PositiveSmallIntegerField(help_text="1, 2, 3 within its item.")
    state = models.CharField(max_length=6, choices=SlotState, default=SlotState.FREE)
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="review_slot_once", fields=["item", "n"]),
            models.UniqueConstraint(name="review_slot_holder_once", fields=["item", "holder"]),
            models.CheckConstraint(name="review_slot_state_known", condition=Q(state__in=SlotState.values)),
            models.CheckConstraint(
                name="review_slot_has_its_holder",
                condition=Q(state__in=["free", "closed"], holder__isnull=True) | Q(state__in=["held", "sealed"], holder__isnull=False),
            ),
            models.CheckConstraint(name="review_slot_held_for_a_while", condition=~Q(state="held") | Q(lease_until__isnull=False)),
        ]
        indexes = [
            # The tick: leases that have run out.
            models.Index(fields=["lease_until"], name="review_slot_held", condition=Q(state="held")),
        ]

    def __str__(self) -> str:
        return f"slot {self.n} of item {self.item_id}"

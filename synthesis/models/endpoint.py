"""Language models that can be asked, what may be spent on them, and what was."""

from django.db import models
from django.db.models import Q

from synthesis.models.fields import ExactJSONField
from synthesis.models.run import Run


class ModelEndpoint(models.Model):
    """A row is one model behind one OpenAI-compatible endpoint. Its key is encrypted and readable by workers alone.

    Prices are of a million tokens, in millionths of ``currency``. A limit that is null does not exist.
    """

    slug = models.SlugField(max_length=80, unique=True)
    base_url = models.URLField(max_length=500)
    model = models.CharField(max_length=200, help_text="As the endpoint calls it.")
    provider = models.CharField(max_length=20, help_text="engine.chat.profiles.PROFILES.")
    key = models.TextField(blank=True, help_text="Encrypted; empty: the endpoint wants none.")
    key_end = models.CharField(max_length=4, blank=True, help_text="Its last characters, to tell keys apart.")
    parameters = ExactJSONField(default=dict, help_text="Sent with every request.")
    purposes = models.JSONField(default=list, help_text="selectors.endpoints.PURPOSES.")
    price_prompt = models.PositiveBigIntegerField(default=0)
    price_completion = models.PositiveBigIntegerField(default=0)
    price_cached = models.PositiveBigIntegerField(null=True, blank=True, help_text="Null: the same as the prompt's.")
    currency = models.CharField(max_length=3, default="USD")
    requests_a_minute = models.PositiveIntegerField(null=True, blank=True)
    tokens_a_minute = models.PositiveIntegerField(null=True, blank=True)
    concurrency = models.PositiveSmallIntegerField(default=64, help_text="Calls in flight per process at most.")
    try_seconds = models.FloatField(default=120.0, help_text="Deadline of one try.")
    checked = ExactJSONField(null=True, blank=True, help_text="What the last self-check found.")
    active = models.BooleanField(default=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(name="endpoint_limits_positive", condition=~Q(requests_a_minute=0) & ~Q(tokens_a_minute=0)),
            models.CheckConstraint(name="endpoint_deadline_positive", condition=Q(try_seconds__gt=0)),
            models.CheckConstraint(name="endpoint_has_places", condition=Q(concurrency__gt=0)),
        ]

    def __str__(self) -> str:
        return self.slug


class EndpointTraffic(models.Model):
    """A row is the traffic of one endpoint, shared by all workers and changed by conditional UPDATEs alone.

    ``requests_tat`` and ``tokens_tat`` are theoretical arrival times (GCRA) in microseconds since 1970; ``open_until`` likewise: while it
    lies ahead nobody asks but one probe. ``turn_until`` is when the turn of whoever is finding out about the endpoint is over, ``heard``
    when somebody who did not know heard something good of it.
    """

    endpoint = models.OneToOneField(ModelEndpoint, on_delete=models.CASCADE, primary_key=True, related_name="traffic")
    requests_tat = models.BigIntegerField(default=0)
    tokens_tat = models.BigIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    openings = models.PositiveIntegerField(default=0, help_text="Times in a row that the breaker opened.")
    open_until = models.BigIntegerField(default=0)
    turn_until = models.BigIntegerField(default=0)
    heard = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"traffic of {self.endpoint_id}"


class Budget(models.Model):
    """A row is what one run may spend, in millionths. What is set aside for calls in flight counts as if it were spent.

    Amounts are set aside from above, so ``spent`` stays within ``limit``; should a provider bill more than could be foreseen, it says so.
    """

    run = models.OneToOneField(Run, on_delete=models.CASCADE, primary_key=True, related_name="budget")
    limit = models.PositiveBigIntegerField()
    reserved = models.PositiveBigIntegerField(default=0)
    spent = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"budget of run {self.run_id}"


class Reservation(models.Model):
    """A row is money set aside for one call in flight. One whose time is over belongs to a worker that died: it counts as spent, since the
    call may have been answered and billed.
    """

    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="reservations")
    amount = models.PositiveBigIntegerField()
    until = models.DateTimeField()

    class Meta:
        indexes = [
            # The tick: reservations of the dead.
            models.Index(fields=["until"], name="reservation_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} of run {self.budget_id}"


class ModelUsage(models.Model):
    """A row is what one role took of one endpoint in one run on one day. A tally for pages: the truth stands in the events."""

    endpoint = models.ForeignKey(ModelEndpoint, on_delete=models.CASCADE, related_name="usage")
    run = models.ForeignKey(Run, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=10)
    day = models.DateField()
    calls = models.PositiveBigIntegerField(default=0)
    tries = models.PositiveBigIntegerField(default=0)
    failures = models.PositiveBigIntegerField(default=0)
    called_off = models.PositiveBigIntegerField(default=0, help_text="Calls that we broke off: what they took is guessed from above.")
    prompt_tokens = models.PositiveBigIntegerField(default=0)
    completion_tokens = models.PositiveBigIntegerField(default=0)
    cached_tokens = models.PositiveBigIntegerField(default=0)
    cost = models.PositiveBigIntegerField(default=0, help_text="In millionths.")
    seconds = models.FloatField(default=0.0)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="usage_once", fields=["endpoint", "run", "role", "day"]),
            models.UniqueConstraint(name="usage_once_without_run", fields=["endpoint", "role", "day"], condition=Q(run__isnull=True)),
        ]
        indexes = [
            # The models page: usage by day.
            models.Index(fields=["day"], name="usage_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.role} at {self.endpoint_id} on {self.day}"

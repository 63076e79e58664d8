"""What is learnt of scenarios after they were made."""

from collections.abc import Mapping

from django.db import transaction

from synthesis.models import Scenario

AT_ONCE = 500


def scenarios_measured(*, difficulties: Mapping[str, int]) -> int:
    """Note the difficulty (1-5) that results gave scenarios, by digest. Returns how many changed."""
    by_value: dict[int, list[str]] = {}
    for digest, value in sorted(difficulties.items()):
        by_value.setdefault(value, []).append(digest)
    changed = 0
    with transaction.atomic():
        for value, digests in by_value.items():
            for start in range(0, len(digests), AT_ONCE):
                rows = Scenario.objects.filter(digest__in=digests[start : start + AT_ONCE])
                changed += rows.exclude(measured=value, measured__isnull=False).update(measured=value)
    return changed

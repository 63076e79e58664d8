"""A person's first day: what they have done already, told by what they left behind."""

from django.contrib.auth.models import User

from judging.selectors.reviews import has_sealed
from studio.access import audit
from studio.models import Trial

DEEDS = {"catalogue.publish": "publish", "runs.start": "run", "datasets.download": "dataset"}
"""Actions of the audit trail that are steps."""


def steps_done(user: User) -> set[str]:
    """Which of try, publish, run, review, dataset ``user`` has done; three queries."""
    done = {DEEDS[action] for action in audit.deeds_of(user, tuple(DEEDS))}
    if Trial.objects.filter(user=user).exists():
        done.add("try")
    if has_sealed(reviewer_id=user.pk):
        done.add("review")
    return done

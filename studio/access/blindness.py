"""What people must not see because they are about to say what they think themselves.

For one episode ask ``can(user, "judgements.view", episode_id)``.
"""

from collections.abc import Collection

from django.contrib.auth.models import User

from judging.selectors.reviews import blind_episodes


def hidden_episodes(user: User) -> Collection[int]:
    """Episodes that this person is reviewing blind: lists leave out what judges and other people think of them."""
    return list(blind_episodes(user.pk))

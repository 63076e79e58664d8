"""How long the pages of judges take over 100,000 episodes and 20,000 review items, on the database of ``DATABASE_URL`` or on SQLite."""

import argparse
import os
import tempfile
import time
from statistics import median

import django


def main() -> None:
    """Entry point. Makes a database of its own unless ``DATABASE_URL`` is set; that one should be empty."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--episodes", type=int, default=100_000)
    parser.add_argument("--items", type=int, default=20_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("STUDIO_DATA", folder)
        os.environ["DJANGO_SETTINGS_MODULE"] = "studio.settings.embedded"
        django.setup()
        measure(given.episodes, given.items)


def measure(episodes: int, items: int) -> None:
    """Build, then read each page a few times."""
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext, override_settings

    from studio.models import Membership
    from tests.builders_many import many_episodes, many_reviews

    call_command("migrate", verbosity=0)
    started = time.perf_counter()
    run = many_episodes(episodes, scores=False)
    queue = many_reviews(run, items)
    if connection.vendor == "postgresql":  # as autovacuum does in time, where tables were not filled a moment ago
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    print(f"{episodes} episodes, {items} items with two reviews each, {connection.vendor}: built in {time.perf_counter() - started:.0f} s")
    owner = User.objects.create_user("owner")
    Membership.objects.update_or_create(user=owner, defaults={"role": "owner"})
    client = Client()
    client.force_login(owner)
    slug = queue.rubric_version.criteria.order_by("position")[0].slug
    with override_settings(ALLOWED_HOSTS=["*"]):
        for url in (
            "/judges/agreement/",
            f"/judges/agreement/?queue={queue.slug}&days=30",
            f"/judges/agreement/?criterion={slug}",
            "/judges/",
        ):
            seconds = []
            for _ in range(5):
                with CaptureQueriesContext(connection) as asked:
                    began = time.perf_counter()
                    answer = client.get(url)
                    seconds.append(time.perf_counter() - began)
                assert answer.status_code == 200, answer.status_code
            print(f"{url:45s} {1000 * median(seconds):6.0f} ms ({1000 * min(seconds):.0f} at best), {len(asked)} queries")


if __name__ == "__main__":
    main()

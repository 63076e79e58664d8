"""Used by ``models``: a database with a catalogue, an endpoint of the fake provider and a run whose seats it plays, scenarios generated.

Copies of that database are what is measured: keys are the same in all, so that prepared answers fit.
"""

import argparse
import asyncio
import os
from datetime import timedelta


async def fill(run_id: int) -> None:
    """Generate every scenario of the run in this process."""
    import msgspec
    from asgiref.sync import sync_to_async
    from django.utils import timezone

    from studio.pipelines.generation_desk import fill_batch
    from synthesis.adapters.starlark import StarlarkInterpreter
    from synthesis.engine.environments.local import LocalWorlds
    from synthesis.engine.packs.model import Pack
    from synthesis.selectors import catalog, runs
    from synthesis.services import generation, leases

    run = await sync_to_async(runs.run_get)(run_id)
    assert run
    texts = await sync_to_async(catalog.pack_texts)(runs.release_digests(run))
    worlds = LocalWorlds(
        {digest: msgspec.json.decode(text, type=Pack) for digest, text in texts.items()}.__getitem__, StarlarkInterpreter()
    )
    lease, now = timedelta(hours=1), timezone.now()
    holder = await sync_to_async(leases.slice_ask)(run_id=run_id, patience=lease, now=now)
    await sync_to_async(leases.slice_take)(slice_id=holder, worker="base", lease=lease, now=now)
    claim = sync_to_async(generation.claim_part)
    while part := await claim(run_id=run_id, holder=holder, size=200, lease=lease, now=timezone.now()):
        filled = await fill_batch(part, worlds, asyncio.Event())
        await sync_to_async(generation.store_batch)(claim=part, filled=filled)
    await sync_to_async(leases.slice_end)(slice_id=holder, played=0, now=timezone.now())


def main() -> None:
    """Make it in the database of ``DATABASE_URL``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--episodes", type=int, required=True)
    parser.add_argument("--budget", action="store_true")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings.embedded")
    import django

    django.setup()
    from django.core.management import call_command

    from synthesis.models import Episode, ModelEndpoint, Run
    from synthesis.services.gate import budget_set
    from synthesis.services.runs import run_start

    call_command("migrate", verbosity=0)
    call_command("install_catalog")
    ModelEndpoint.objects.create(
        slug="fake",
        base_url="http://127.0.0.1:1/v1",
        model="fake",
        provider="fake",
        purposes=["agent", "user"],
        price_prompt=1_000_000,
        price_completion=2_000_000,
    )
    run = run_start(seed=7, episodes=options.episodes, concurrency=2)
    seats = {"user": "model:fake", "agent": "model:fake", "tools": "scripted"}
    Run.objects.filter(pk=run.pk).update(seats=seats)
    for episode in Episode.objects.filter(run=run).iterator():
        episode.cast["seats"] = seats
        episode.save(update_fields=["cast"])
    if options.budget:
        budget_set(run_id=run.pk, limit=10**12)
    asyncio.run(fill(run.pk))


if __name__ == "__main__":
    main()

"""What the new columns say of rows that are there already."""

import re

from django.db import migrations

VARIED = re.compile(r"-[0-9a-f]{8}$")
STEP = 1000


def fill(apps, schema_editor):
    persona, agent, episode = (apps.get_model("synthesis", name) for name in ("Persona", "AgentProfile", "Episode"))
    for row in persona.objects.all():
        names = ("formality", "brevity", "mood", "patience", "expertise")
        persona.objects.filter(pk=row.pk).update(**{name: row.profile[name] for name in names})
    for row in agent.objects.all():
        agent.objects.filter(pk=row.pk).update(tone=row.profile["tone"])
    last = 0
    while rows := list(episode.objects.filter(pk__gt=last).order_by("pk").only("pk", "cast", "persona", "agent")[:STEP]):
        for row in rows:
            row.persona, row.agent = row.cast["persona"]["slug"], VARIED.sub("", row.cast["agent"]["slug"])
        episode.objects.bulk_update(rows, ["persona", "agent"], batch_size=200)
        last = rows[-1].pk


class Migration(migrations.Migration):

    dependencies = [
        ('synthesis', '0003_people_and_casting'),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

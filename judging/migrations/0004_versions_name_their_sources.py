"""The one run of every version there is becomes its only source."""

from typing import Any

from django.db import migrations


def name_sources(apps: Any, schema_editor: Any) -> None:
    """A source for every version, a run for every dataset."""
    Dataset, DatasetVersion, DatasetSource = (apps.get_model("judging", name) for name in ("Dataset", "DatasetVersion", "DatasetSource"))
    versions = DatasetVersion.objects.values_list("pk", "run_id", "judge_version").order_by("pk")
    DatasetSource.objects.bulk_create(
        (DatasetSource(version_id=version, run_id=run, judge_version=judge) for version, run, judge in versions.iterator()), batch_size=500
    )
    for dataset in Dataset.objects.iterator():
        dataset.runs.set(dataset.versions.values_list("run_id", flat=True).distinct())


class Migration(migrations.Migration):
    dependencies = [("judging", "0003_datasets_of_several_runs")]

    operations = [
        migrations.RunPython(name_sources, migrations.RunPython.noop),
        migrations.RemoveField(model_name="datasetversion", name="judge_version"),
        migrations.RemoveField(model_name="datasetversion", name="run"),
    ]

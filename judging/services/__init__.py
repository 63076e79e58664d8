"""Writing: services of judging, keyword-only and typed, one transaction each."""

from judging.engine.assessment import Assessment, FinishedEpisode
from judging.services.datasets import DatasetError, dataset_build, dataset_freeze, dataset_save
from judging.services.exports import ExportError, export_write
from judging.services.judgements import JudgeBench, PackLoader, judge_bench, judge_episodes, judgements_write
from judging.services.rubrics import rubric_install, starter_rubric

__all__ = [
    "Assessment",
    "DatasetError",
    "ExportError",
    "FinishedEpisode",
    "JudgeBench",
    "PackLoader",
    "dataset_build",
    "dataset_freeze",
    "dataset_save",
    "export_write",
    "judge_bench",
    "judge_episodes",
    "judgements_write",
    "rubric_install",
    "starter_rubric",
]

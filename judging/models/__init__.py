"""Tables of judging: rubrics, judgements, datasets."""

from judging.models.dataset import Dataset, DatasetRow, DatasetSource, DatasetVersion, Export
from judging.models.export_job import ExportJob, ExportJobStatus
from judging.models.judgement import CheckResult, CriterionScore, Judgement
from judging.models.rubric import Criterion, Rubric, RubricVersion

__all__ = [
    "CheckResult",
    "Criterion",
    "CriterionScore",
    "Dataset",
    "DatasetRow",
    "DatasetSource",
    "DatasetVersion",
    "Export",
    "ExportJob",
    "ExportJobStatus",
    "Judgement",
    "Rubric",
    "RubricVersion",
]

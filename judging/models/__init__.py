"""Tables of judging: rubrics, judgements, reviews, datasets."""

from judging.models.dataset import Dataset, DatasetRow, DatasetSource, DatasetVersion, Export
from judging.models.export_job import ExportJob, ExportJobStatus
from judging.models.judgement import CheckResult, CriterionScore, Judgement
from judging.models.review import Review, ReviewDecision, ReviewState, Verdict
from judging.models.review_queue import ItemState, ReviewItem, ReviewMode, ReviewQueue, ReviewRouting, ReviewSlot, SlotState
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
    "ItemState",
    "Judgement",
    "Review",
    "ReviewDecision",
    "ReviewItem",
    "ReviewMode",
    "ReviewQueue",
    "ReviewRouting",
    "ReviewSlot",
    "ReviewState",
    "Rubric",
    "RubricVersion",
    "SlotState",
    "Verdict",
]

"""Tables of judging: rubrics, judgements, reviews, calibrations, datasets."""

from judging.models.adjudication import Adjudication, AdjudicationOutcome, DisputeCause, GoldItem, NoteKind, RubricNote
from judging.models.calibration import Calibration, CalibrationLabel, CalibrationLook, CalibrationStatus, Mutant, MutantVerdict
from judging.models.canaries import CanaryRound, CanaryStatus
from judging.models.dataset import Dataset, DatasetRow, DatasetSource, DatasetVersion, Export
from judging.models.export_job import ExportJob, ExportJobStatus
from judging.models.judgement import CheckResult, CriterionScore, Judgement, JudgeVersion
from judging.models.pair import PairKind, PairState, PreferencePair
from judging.models.rejudging import Rejudging, RejudgingStatus
from judging.models.review import Review, ReviewDecision, ReviewState, Verdict
from judging.models.review_queue import ItemState, Probe, ReviewItem, ReviewMode, ReviewQueue, ReviewRouting, ReviewSlot, SlotState
from judging.models.rubric import Criterion, Rubric, RubricVersion
from judging.models.rubric_choice import RubricChoice
from judging.models.rubric_draft import CriterionLink, Meaning, RubricDraft
from judging.models.rubric_trial import RubricTrial, TrialAnswer, TrialStatus

__all__ = [
    "Adjudication",
    "AdjudicationOutcome",
    "Calibration",
    "CalibrationLabel",
    "CalibrationLook",
    "CalibrationStatus",
    "CanaryRound",
    "CanaryStatus",
    "CheckResult",
    "Criterion",
    "CriterionLink",
    "CriterionScore",
    "Dataset",
    "DatasetRow",
    "DatasetSource",
    "DatasetVersion",
    "DisputeCause",
    "Export",
    "ExportJob",
    "ExportJobStatus",
    "GoldItem",
    "ItemState",
    "JudgeVersion",
    "Judgement",
    "Meaning",
    "Mutant",
    "MutantVerdict",
    "NoteKind",
    "PairKind",
    "PairState",
    "PreferencePair",
    "Probe",
    "Rejudging",
    "RejudgingStatus",
    "Review",
    "ReviewDecision",
    "ReviewItem",
    "ReviewMode",
    "ReviewQueue",
    "ReviewRouting",
    "ReviewSlot",
    "ReviewState",
    "Rubric",
    "RubricChoice",
    "RubricDraft",
    "RubricNote",
    "RubricTrial",
    "RubricVersion",
    "SlotState",
    "TrialAnswer",
    "TrialStatus",
    "Verdict",
]

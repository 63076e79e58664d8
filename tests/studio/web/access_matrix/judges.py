"""Who gets in at the pages of judges: whoever may see judgements; calibrating is for whoever manages reviews and runs."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone

from judging.engine.canaries import Sung
from judging.models import Mutant, MutantVerdict
from judging.services.calibrations import calibration_compute
from judging.services.canaries import round_create, round_done, round_take
from tests.judging.services.calibrating import VERSION, a_calibration, a_queue, careless, judged_by, reviewed_by, truthful, truths_of
from tests.judging.services.reviewing import a_queue as with_items
from tests.judging.services.reviewing import an_item as queues_item
from tests.studio.web.access_matrix.entry import A, Entry, O, P, V

SEEING = frozenset({O, A, P, V})
CALIBRATING = frozenset({O, P})


def a_judge() -> Mapping[str, Any]:
    """A judge version with numbers of a few reviews."""
    run = queues_item(with_items(3)).episode.run
    truths = truths_of(run, 0.3)
    judged_by(run, truths, careless)
    reviewed_by(a_queue("second"), truths, {"ann": truthful, "ben": careless})
    calibration_compute(calibration=a_calibration(), attempt=1, now=timezone.now())
    return {"version": VERSION}


def a_round() -> Mapping[str, Any]:
    """Canaries that were before the judge version."""
    episode = queues_item(with_items(3)).episode
    sung = [Sung("agent: give 5", 5.0, 2.0, 3.0, 2.0, "", "j"), Sung("reply: ''", None, 2.0, None, 2.0, "no JSON", "j")]
    row = round_create(judge_version=VERSION, episode=episode, questions=25, asked_by="owner", now=timezone.now())
    attempt = round_take(round_id=row.pk, lease=timedelta(minutes=1), now=timezone.now())
    assert round_done(round_id=row.pk, attempt=attempt, sung=sung, now=timezone.now())
    return {"round_id": row.pk}


def a_mutant() -> Mapping[str, Any]:
    """A damaged play that a judge missed."""
    item = queues_item(with_items(3))
    events = [{"seq": 0, "kind": "message", "turn": 1, "head": "hello", "payload": {"role": "user", "text": "hello"}}]
    row = Mutant.objects.create(
        episode=item.episode, kind="skipped_step", method="surgery", note="never called move_visit", events=events, place=0.5, length=1
    )
    MutantVerdict.objects.create(mutant=row, judge_version=VERSION, passed=True, named=False, overall=5)
    return {"mutant_id": row.pk}


ENTRIES = {
    "judges:index": Entry(SEEING),
    "judges:agreement": Entry(SEEING),
    "judges:judge": Entry(SEEING, arguments=a_judge),
    "judges:cell": Entry(SEEING, arguments=a_judge, query={"criterion": "", "good": "1", "passed": "1"}),
    "judges:damage": Entry(SEEING, arguments=a_judge),
    "judges:mutant": Entry(SEEING, arguments=a_mutant),
    "judges:canaries": Entry(SEEING, arguments=a_judge),
    "judges:canaries_ask": Entry(CALIBRATING, "post", a_judge),
    "judges:canaries_progress": Entry(SEEING, arguments=a_round),
    "judges:calibrate": Entry(CALIBRATING, "post", a_judge, data={"damage": "0"}),
    "judges:look": Entry(CALIBRATING, "post", a_judge),
}

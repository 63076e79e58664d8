"""Difficulty of scenarios, recalibrated from what models made of them."""

from judging.engine.statistics.solving import recalibrated
from judging.selectors import solving
from synthesis.engine.participants.cast import model_of
from synthesis.models import Run
from synthesis.selectors.scenarios import difficulties_of
from synthesis.services.scenarios import scenarios_measured

AT_ONCE = 500


def recalibrate(run: Run) -> int:
    """Bring the measured difficulty of the scenarios of a run up to date, from all runs in which models played them.

    Returns how many changed. A run without a model as agent says nothing of difficulty: scripted agents are told the gold.
    """
    if not any(map(model_of, run.agents)):
        return 0
    digests, changed = solving.scenarios_of(run.pk), 0
    for start in range(0, len(digests), AT_ONCE):
        chunk = digests[start : start + AT_ONCE]
        tallies, computed = solving.solved_by_models(chunk), difficulties_of(chunk)
        changed += scenarios_measured(difficulties={digest: recalibrated(computed[digest], tally) for digest, tally in tallies.items()})
    return changed

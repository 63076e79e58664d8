"""Every role played by the fake provider through ``synthesize``: whole processes, a panel of three, files, and sums that agree.

Two hundred episodes over the whole catalogue: ``python -m tests.benchmarks.every_role``.
"""

import json
from pathlib import Path

from synthesis.engine.scenarios.scenario import VARIATIONS
from tests.benchmarks.models import provider
from tests.every_role import JUDGES, command_line, counted, endpoints_made, wrong_rows, wrong_sums
from tests.studio.installation import Installation


def test_models_in_every_role_finish_are_judged_by_a_panel_and_every_sum_agrees(studio_environment: dict[str, str], tmp_path: Path) -> None:
    place = Installation(studio_environment)
    with provider(place.environment) as (_, url):
        endpoints_made(place, url)
        out = tmp_path / "out"
        summary = place.synthesize(*command_line(len(VARIATIONS), "--seed", "4", "--workers", "1", "--out", str(out)))
    found = counted(place, summary["run"])
    assert found["status"] == {"judged": len(VARIATIONS)} and set(found["variations"]) == set(VARIATIONS)
    assert found["decides"] == {"panel": len(VARIATIONS)} and not found["errors"]
    assert set(found["events"]) == {"user", "agent"} and found["usage"]["judge"]["calls"] >= len(JUDGES) * len(VARIATIONS)
    assert wrong_sums(found) == []
    assert found["budget"]["spent"] > 0
    rows = [json.loads(line) for line in (out / "trajectories.jsonl").read_text("utf-8").splitlines()]
    assert len(rows) == summary["kept"] >= len(VARIATIONS) - 2
    assert wrong_rows(rows) == []
    judge = json.loads((out / "manifest.json").read_text("utf-8"))["judge"]
    assert (judge["kind"], judge["rubric"], judge["trust"][judge["version"]]["state"]) == ("panel", "judges", "uncalibrated")

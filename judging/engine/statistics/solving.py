"""How reliably scenarios are solved that were played several times: pass^k, bands of difficulty, difficulty recalibrated from results.

Source: S. Yao et al., tau-bench (2024), for pass^k: the chance that k independent plays of one scenario all solve it. Its unbiased estimate
from c solved of n plays is C(c, k) / C(n, k), averaged over scenarios.
"""

from collections.abc import Mapping
from math import comb
from typing import Literal, get_args

import msgspec

from judging.engine.statistics.rates import wilson
from judging.engine.statistics.result import Estimate, Result, Silence

Band = Literal["never", "seldom", "often", "always"]
BANDS: tuple[Band, ...] = get_args(Band)

EXPECTED = {1: 0.9, 2: 0.7, 3: 0.5, 4: 0.3, 5: 0.1}
"""The share of plays in which a scenario of each difficulty is taken to be solved: the middles of five equal parts."""
WEIGHT = 2.0
"""For how many plays the computed difficulty counts beside the real ones."""


class Tally(msgspec.Struct, frozen=True):
    """A scenario was played ``plays`` times (at least once), ``solved`` of them well."""

    plays: int
    solved: int


def pass_k(tallies: Mapping[Tally, int], k: int) -> Result:
    """The chance that ``k`` plays of a scenario are all solved; ``tallies`` counts scenarios. Scenarios with fewer plays are left out.

    The interval is Wilson's with scenarios as trials. What a scenario contributes lies between 0 and 1, so its variance is at most that
    of a yes or no of the same mean: the interval is never too narrow for that, and needs no resampling. Plays of one scenario hang
    together and are not counted as trials of their own.
    """
    fitting = {tally: count for tally, count in tallies.items() if tally.plays >= k}
    scenarios = sum(fitting.values())
    if not scenarios:
        return Silence("too_few_plays", sum(tallies.values()))
    value = sum(count * comb(tally.solved, k) / comb(tally.plays, k) for tally, count in fitting.items()) / scenarios
    # A sum of floats may end a hair beyond 1.
    value = min(1.0, value)
    low, high = wilson(value, scenarios)
    return Estimate(value, scenarios, low, high)


def pass_curve(tally: Tally, most: int = 8) -> list[float]:
    """pass^k of one scenario for k = 1, 2, ... up to ``most``, or to its plays where those are fewer."""
    return [comb(tally.solved, k) / comb(tally.plays, k) for k in range(1, min(tally.plays, most) + 1)]


def band_of(tally: Tally) -> Band:
    """``never`` or ``always`` solved; between them ``seldom`` (less than half of the plays) or ``often``."""
    if tally.solved == 0:
        return "never"
    if tally.solved == tally.plays:
        return "always"
    return "seldom" if 2 * tally.solved < tally.plays else "often"


def recalibrated(computed: int, tally: Tally) -> int:
    """Difficulty 1-5 after what came of plays, where ``computed`` (1-5) is what the scenario's make-up says.

    The share solved is taken together with what is expected of the computed difficulty, which counts for WEIGHT plays; fifths of the share
    are the difficulties. So one play moves it a little, ten decide.
    """
    share = (tally.solved + WEIGHT * EXPECTED[computed]) / (tally.plays + WEIGHT)
    # Rounded first: two tenths must fall into one fifth whatever way they were added up.
    return 5 - min(4, int(round(share * 5, 9)))

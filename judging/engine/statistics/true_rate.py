"""The true pass rate of many episodes that a judge looked at, from what is known of the judge.

Sources: W. J. Rogan and B. Gladen, Estimating prevalence from the results of a screening test (1978); C.-E. Sarndal, B. Swensson and
J. Wretman, Model Assisted Survey Sampling (1992), section 6.3, for the difference estimator.
"""

import random
from collections.abc import Sequence
from math import sqrt

from judging.engine.statistics.rates import Confusion, Weighed, Z
from judging.engine.statistics.result import Estimate, Result, Silence

DRAWS = 2000


def rogan_gladen(passed: int, of: int, known: Confusion, rng: random.Random) -> Result:
    """The true share of good ones among ``of`` episodes of which the judge passed ``passed``, by its confusion with the truth elsewhere.

    The interval is of DRAWS draws of the three shares from their posteriors under Jeffreys' prior: it carries the doubt about the judge.
    A judge that is no better than chance tells nothing: Silence. ``rng`` decides the draws.
    """
    good, bad = known.good_passed + known.good_caught, known.bad_passed + known.bad_caught
    if not of or not good or not bad:
        return Silence("one_class" if of and (good or bad) else "no_labels", of)
    tpr, tnr = known.good_passed / good, known.bad_caught / bad
    if tpr + tnr <= 1:
        return Silence("no_better_than_chance", of)
    drawn = sorted(_drawn(passed, of, known, rng))
    return Estimate(_corrected(passed / of, tpr, tnr), of, *interval_of(drawn))


def _drawn(passed: int, of: int, known: Confusion, rng: random.Random) -> list[float]:
    draws = []
    for _ in range(DRAWS):
        rate = rng.betavariate(passed + 0.5, of - passed + 0.5)
        tpr = rng.betavariate(known.good_passed + 0.5, known.good_caught + 0.5)
        tnr = rng.betavariate(known.bad_caught + 0.5, known.bad_passed + 0.5)
        # A draw in which the judge is worse than chance says nothing of the rate: it may be anything.
        draws.append(_corrected(rate, tpr, tnr) if tpr + tnr > 1 else rng.random())
    return draws


def _corrected(rate: float, tpr: float, tnr: float) -> float:
    return min(1.0, max(0.0, (rate + tnr - 1) / (tpr + tnr - 1)))


def interval_of(ordered: Sequence[float]) -> tuple[float, float]:
    """The middle 95 % of ordered draws."""
    last = len(ordered) - 1
    return ordered[round(last * 0.025)], ordered[round(last * 0.975)]


def weighted_difference(passed: int, of: int, reviewed: Sequence[Weighed]) -> Result:
    """The judge's pass rate over all ``of`` episodes, corrected by how people differ from it on the sample ``reviewed``.

    It holds for any judge, since nothing is assumed of it; its interval is as wide as people and judge differ. The variance is that of a
    sample in which each episode was drawn for itself: on the safe side for samples of fixed size. One review has no variance: Silence.
    """
    if not of or len(reviewed) < 2:
        return Silence("not_enough" if of else "no_labels", len(reviewed))
    total = sum(item.weight for item in reviewed)
    gaps = [(item.weight, float(item.good) - float(item.passed)) for item in reviewed]
    gap = sum(weight * difference for weight, difference in gaps) / total
    variance = sum(weight * (weight - 1) * (difference - gap) ** 2 for weight, difference in gaps) / total**2 * len(gaps) / (len(gaps) - 1)
    value, half = passed / of + gap, Z * sqrt(max(0.0, variance))
    return Estimate(min(1.0, max(0.0, value)), len(reviewed), max(0.0, min(1.0, value - half)), min(1.0, max(0.0, value + half)))

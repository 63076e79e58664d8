"""Adaptive width and the breaker, on a clock of the test."""

from synthesis.engine.chat.traffic import Breaker, Width


def test_the_width_falls_by_a_fifth_and_climbs_by_five_percent_a_round() -> None:
    width = Width(100)
    width.limited(0.0)
    assert width.now == 80
    width.limited(0.5)
    assert width.now == 80, "one burst counts once"
    for _ in range(80):
        width.succeeded()
    assert width.now == 84
    for _ in range(2000):
        width.succeeded()
    assert width.now == 100, "never beyond what was allowed"
    for second in range(1, 100):
        width.limited(float(second))
    assert width.now == 1, "never none"


def test_the_breaker_opens_probes_and_closes() -> None:
    breaker = Breaker()
    for _ in range(2):
        breaker.failed(0.0)
    assert breaker.wait(0.0) == 0.0
    breaker.failed(0.0)
    assert breaker.wait(1.0) == 11.0
    assert breaker.wait(12.0) == 0.0, "the first is the probe"
    assert breaker.wait(12.0) > 0.0, "the others wait"
    breaker.failed(13.0)
    assert breaker.wait(13.0) == 24.0, "twice as long"
    assert breaker.wait(37.0) == 0.0
    breaker.released()
    assert breaker.wait(37.0) == 0.0, "a probe that was called off is nobody's"
    breaker.succeeded()
    assert [breaker.wait(37.0) for _ in range(5)] == [0.0] * 5


def test_an_endpoint_that_is_down_for_five_minutes_is_seldom_asked() -> None:
    breaker, now, probes = Breaker(), 0.0, 0
    while now < 300:
        wait = breaker.wait(now)
        if wait:
            now += wait
            continue
        probes += 1
        breaker.failed(now)
    assert probes == 9, "three that open it, six probes"

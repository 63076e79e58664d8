"""What checks leave of a criterion."""

from judging.engine.rubric import BEST, Criterion


def applies_to(criterion: Criterion, *, answerable: bool, calls: bool) -> bool:
    """Whether a scenario that can be done (or not), played with calls (or without), lets the criterion be asked."""
    if criterion.applies_when == "answerable":
        return answerable
    if criterion.applies_when == "unanswerable":
        return not answerable
    if criterion.applies_when == "calls":
        return calls
    return True


def limit_of(criterion: Criterion, check: str, broken: bool, value: float) -> float:
    """The most that one check leaves, 0-5: its cap when it is broken, 5 times its value where it is of degree."""
    if broken:
        return criterion.caps.get(check, 0.0)
    return BEST * value if check in criterion.grades else BEST

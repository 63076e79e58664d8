"""Random designs: who answered what, with gaps."""

from hypothesis import strategies as st

SCALE = [0, 1, 2, 3, 4, 5]
"""The scale of our rubrics."""

Item = list[int | None]


def ratings(*, least: int = 2, most: int = 40, raters: int = 5, gaps: bool = True) -> st.SearchStrategy[list[Item]]:
    """Items of the same raters. Skewed scales and lazy raters come up, since the values drawn from differ from design to design."""
    return st.sets(st.sampled_from(SCALE), min_size=1).flatmap(lambda used: _design(sorted(used), least, most, raters, gaps))


def _design(used: list[int], least: int, most: int, raters: int, gaps: bool) -> st.SearchStrategy[list[Item]]:
    value: st.SearchStrategy[int | None] = st.sampled_from(used)
    if gaps:
        value = st.one_of(value, value, st.none())
    return st.integers(2, raters).flatmap(lambda n: st.lists(st.lists(value, min_size=n, max_size=n), min_size=least, max_size=most))

"""Why a run cannot be started or moved."""


class RunError(Exception):
    """A run that cannot be started or moved. ``place`` names the argument, ``problem`` what is wrong, ``remedy`` what to do."""

    def __init__(self, place: str, problem: str, remedy: str) -> None:
        super().__init__(f"{place}: {problem}. {remedy}")
        self.place, self.problem, self.remedy = place, problem, remedy

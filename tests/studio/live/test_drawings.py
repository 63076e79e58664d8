"""Drawings are made once and forgotten in order of age."""

from studio.live.drawings import Drawing, Drawings


def test_what_was_drawn_is_not_drawn_again_until_there_is_no_room() -> None:
    made: list[int] = []
    drawings = Drawings(most=10)

    def drawn(number: int) -> Drawing:
        def draw() -> Drawing:
            made.append(number)
            return {"seq": number, "html": "x" * 4}

        return drawings.get((number,), draw)

    for number in (1, 2, 1, 2, 3, 1, 2):
        assert drawn(number)["seq"] == number
    assert made == [1, 2, 3, 1, 2], "two have room; the one that was not asked for longest goes first"
    assert drawings.held <= 10


def test_what_is_larger_than_all_the_room_is_drawn_each_time() -> None:
    drawings = Drawings(most=3)
    assert drawings.get((1,), lambda: {"html": "long"}) == {"html": "long"}
    assert drawings.held == 0

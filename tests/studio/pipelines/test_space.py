"""Places are looked at before a run starts."""

from pathlib import Path

import pytest

from studio.pipelines.space import NoRoom, check_data, check_out


def test_a_folder_that_can_be_made_is_fine_and_nothing_is_left_in_it(tmp_path: Path) -> None:
    check_out(tmp_path / "a" / "b", 100)
    check_data(tmp_path, 100)
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(NoRoom, match=r"file is a file, not a folder"):
        check_out(tmp_path / "file" / "out", 1)


def test_a_disk_that_is_too_small_is_told_with_figures(tmp_path: Path) -> None:
    with pytest.raises(NoRoom, match=r"needs about [\d,]+ MB. Free some space"):
        check_out(tmp_path, 10**10)
    with pytest.raises(NoRoom, match="STUDIO_DATA"):
        check_data(tmp_path, 10**10)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoRoom, match="cannot be written"):
        check_out(Path("/proc/nowhere"), 1)

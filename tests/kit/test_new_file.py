"""A file appears whole or not at all, and over no other."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from payment_service.kit.errors import CannotStart
from payment_service.kit.new_file import new_file


def refuses(*_: Path) -> None:
    """A disk that has no hard links."""
    raise PermissionError(1, "Operation not permitted")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_it_has_no_name_before_it_is_whole(tmp_path: Path) -> None:
    with new_file(tmp_path / "b", tmp_path / "half") as written:
        written.write_text("whole")
        assert names(tmp_path) == ["half"]
    assert names(tmp_path) == ["b"]
    assert (tmp_path / "b").read_text() == "whole"


def filled(tmp_path: Path, fill: Callable[[Path], object], **options: Any) -> None:
    with new_file(tmp_path / "b", tmp_path / "half", **options) as written:
        written.write_text("whole")
        fill(tmp_path)


def breaks(_: Path) -> None:
    raise ZeroDivisionError


def somebody_is_first(folder: Path) -> None:
    (folder / "b").write_text("first")


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        filled(tmp_path, breaks)
    assert names(tmp_path) == []


@pytest.mark.parametrize("options", [{}, {"link": refuses}], ids=["hard links", "none"])
def test_one_that_came_meanwhile_is_not_written_over(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    with pytest.raises(CannotStart, match="is there already"):
        filled(tmp_path, somebody_is_first, **options)
    assert (tmp_path / "b").read_text() == "first"
    assert names(tmp_path) == ["b"]


def test_a_disk_without_hard_links_has_room_for_it_too(tmp_path: Path) -> None:
    with new_file(tmp_path / "b", tmp_path / "half", link=refuses) as written:
        written.write_text("whole")
    assert (tmp_path / "b").read_text() == "whole"
    assert names(tmp_path) == ["b"]


def test_a_link_that_somebody_laid_is_not_followed(tmp_path: Path) -> None:
    """In a folder where others may write."""
    (tmp_path / "precious").write_text("theirs")
    (tmp_path / "half").symlink_to(tmp_path / "precious")
    with (
        pytest.raises(CannotStart, match="cannot be written"),
        new_file(tmp_path / "b", tmp_path / "half"),
    ):
        pass
    assert (tmp_path / "precious").read_text() == "theirs"

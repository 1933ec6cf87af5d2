"""All parts are run, whatever becomes of one, and what they found stands in one table."""

import json
from pathlib import Path

import msgspec
import pytest
from bench.finding import Finding, Limit, Measured
from bench.run import Stage
from bench.whole import (
    PARTS,
    Done,
    Part,
    chosen,
    document_of,
    keep,
    run_whole,
    show_whole,
    stored,
)

from payment_service.kit.errors import CannotStart
from tests.bench.test_bench import unseen


class Counted(msgspec.Struct, frozen=True):
    """A report of one figure."""

    per_second: float
    mismatches: list[str] = []

    @property
    def findings(self) -> list[Finding]:
        limit = Limit("bare loop", 4_000)
        return [Finding("counting", self.per_second, 1_000, "/s", True, (limit,))]

    @property
    def exit_code(self) -> int:
        return 1 if self.mismatches else 0


def quick_is_told(folder: Path, _: Stage, quick: bool) -> Measured:
    assert list(folder.iterdir()) == []
    return Counted(1_000 if quick else 999)


def loses_rows(_folder: Path, _stage: Stage, _quick: bool) -> Measured:
    return Counted(10, ["rows: 3, expected 4"])


def cannot(_folder: Path, _stage: Stage, _quick: bool) -> Measured:
    raise RuntimeError("there is no compiler")


ALL = [Part("fails", cannot), Part("counts", quick_is_told), Part("loses", loses_rows)]


def test_a_part_that_fails_or_loses_rows_stops_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[str] = []
    done = run_whole(ALL, tmp_path, unseen, told.append, quick=True)
    assert [one.exit_code for one in done] == [1, 0, 1]
    assert told[1] == "1/3 fails: failed: there is no compiler, 0 s"
    assert list(tmp_path.iterdir()) == []
    show_whole(done)
    shown = capsys.readouterr().out
    assert "counting 1,000 /s ≥ 1,000 /s reached 25 % of 4,000" in " ".join(shown.split())
    assert "loses: rows: 3, expected 4" in shown
    show_whole(done, markdown=True)
    assert "| 1,000 /s | ≥ 1,000 /s | reached" in capsys.readouterr().out


def test_what_was_found_is_kept_and_read_again(tmp_path: Path) -> None:
    done = run_whole(ALL, None, unseen, lambda _: None, quick=False)
    file = tmp_path / "figures.json"
    with pytest.raises(CannotStart, match="python -m bench all"):
        stored(file)
    file.write_bytes(document_of(done))
    assert stored(file) == done
    parts = json.loads(file.read_text())["parts"]
    assert parts[1]["findings"][0]["reached"] is False
    assert parts[1]["figures"]["per_second"] == 999


def test_parts_measured_again_take_the_place_of_what_was_found_before(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    names = ["growth, SQLite", "flood"]
    before = [Done(name, 1.0, [], None, 0) for name in names]
    assert keep(before, file) == before
    again = Done("growth, SQLite", 2.0, [], None, 0)
    assert keep([again], file) == stored(file) == [again, before[1]]
    assert [part.name for part in chosen(names)] == names
    assert chosen([]) == list(PARTS)
    with pytest.raises(CannotStart, match="there are: one core, SQLite"):
        chosen(["grwoth"])


def test_no_part_is_there_twice() -> None:
    names = [part.name for part in PARTS]
    assert len(set(names)) == len(names) > 10

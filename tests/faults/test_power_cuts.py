"""Power cuts at every place of a record of the real process: nothing that anybody was told of is
lost, and no file is damaged.

`FAULT_RECORD` replays: the folder of the record that a failure names, since no seed makes a process
write the same again.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from payment_service.kit.sqlite_connection import connect
from tests.counts import times
from tests.faults.disk import Disk, moments
from tests.faults.record import Deed, Kind
from tests.faults.recorded import Promise, Record, record
from tests.invariants import check_invariants
from tests.seeds import again, seeds
from tests.strace import needs_strace

IMAGES = times(40, 50_000, push=2_000)
UNSYNCED = times(25, 1_000, push=200)
LOOKED_THROUGH = 20
"""One of so many images is gone through as a whole."""
ROWS = """
    SELECT id FROM subscriptions UNION ALL SELECT id FROM invoices UNION ALL SELECT id FROM charges
    UNION ALL SELECT id FROM events UNION ALL SELECT 'notice of ' || charge_id FROM notices
"""


class Image(NamedTuple):
    """What is found after one cut. `loose` counts the writes that were not durable."""

    seed: int
    told: int
    loose: int
    damage: str
    lost: list[str]


@pytest.mark.timeout(5400)
async def test_nothing_that_anybody_was_told_of_is_lost_wherever_the_power_fails(
    tmp_path: Path,
) -> None:
    needs_strace("a power cut")
    given = os.environ.get("FAULT_RECORD")
    made = Record(Path(given)) if given else await record(tmp_path)
    done = made.deeds()
    tells_all(made, done)
    tells_much(made, done)
    looked_at = []
    for image in images(made, done, seeds(IMAGES), tmp_path / "image"):
        test = os.environ["PYTEST_CURRENT_TEST"].rpartition(" (")[0]
        replay = f"FAULT_RECORD={made.folder} {again(test, image.seed, 1)}"
        assert (image.damage, image.lost) == ("", []), f"image {image.seed}; again: {replay}"
        looked_at.append(image)
    if not given:
        assert sum(image.loose > 0 for image in looked_at) > len(looked_at) / 3
        assert sum(image.told > 0 for image in looked_at) > len(looked_at) / 2


@pytest.mark.timeout(900)
async def test_what_does_not_wait_for_the_disk_is_lost(tmp_path: Path) -> None:
    needs_strace("a power cut")
    made = await record(tmp_path, unsynced=True)
    found = list(images(made, made.deeds(), seeds(UNSYNCED), tmp_path / "image"))
    assert [image.damage for image in found if image.damage] == []
    assert sum(bool(image.lost) for image in found) > len(found) / 10


def tells_all(made: Record, done: list[Deed]) -> None:
    """No call that writes is missing: what the record tells is what is on the disk."""
    disk = Disk(made.database, made.files())
    for _, is_end, deed in moments(done):
        (disk.ends if is_end else disk.begins)(deed)
    assert disk.whole().keys() == {str(made.database)}
    assert disk.whole()[str(made.database)] == made.database.read_bytes(), "the record lacks writes"


def tells_much(made: Record, done: list[Deed]) -> None:
    """The record holds what is dangerous: the log went into the file while others wrote, was begun
    anew, and was taken away; and there is much to lose."""
    log = f"{made.database}-wal"
    begun = [one.ended for one in done if (one.path, one.kind, one.place) == (log, Kind.WROTE, 0)]
    synced = [
        one.ended for one in done if (one.path, one.kind) == (str(made.database), Kind.SYNCED)
    ]
    assert len(begun) > 1
    assert min(synced) < begun[-1]
    assert any((one.path, one.kind) == (log, Kind.REMOVED) for one in done)
    assert len(list(made.promises(done))) > 300


def images(made: Record, done: list[Deed], numbers: Iterable[int], folder: Path) -> Iterator[Image]:
    """In the order of their cuts."""
    disk = Disk(made.database, made.files())
    promises = list(made.promises(done))
    cuts = sorted((place_of_cut(seed, promises, done), seed) for seed in numbers)
    coming = moments(done)
    moment = next(coming, None)
    told = 0
    for number, (at, seed) in enumerate(cuts):
        while moment is not None and moment[0] < at:
            _, is_end, deed = moment
            (disk.ends if is_end else disk.begins)(deed)
            moment = next(coming, None)
        while told < len(promises) and promises[told].at < at:
            told += 1
        database = lay(disk.survives(Random(seed)), folder)
        whole = number % LOOKED_THROUGH == 0
        promised = {promise.row for promise in promises[:told]}
        damage, lost = opened(database, promised, whole=whole)
        yield Image(seed, told, disk.loose(), damage, lost)


def place_of_cut(seed: int, promises: list[Promise], done: list[Deed]) -> int:
    """Anywhere, or just after somebody was told."""
    rng = Random(f"where {seed}")
    if rng.random() < 0.5:
        return rng.choice(promises).at + 1
    return rng.randint(promises[0].at, done[-1].ended + 1)


def lay(files: dict[str, bytearray], folder: Path) -> Path:
    """Gives the database in the folder, which holds nothing else."""
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for path_before, content in files.items():
        (folder / Path(path_before).name).write_bytes(content)
    return folder / Path(min(files, key=len)).name


def opened(database: Path, promised: set[str], *, whole: bool) -> tuple[str, list[str]]:
    """What is wrong with it, by the code that the service opens it with; and what is not there."""
    try:
        with closing(connect(str(database))) as connection:
            (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
            rows = {row for (row,) in connection.execute(ROWS)}
        if verdict == "ok" and whole:
            check_invariants(f"sqlite:///{database}")
    except Exception as error:  # noqa: BLE001 - whatever it says
        return repr(error), []
    return "" if verdict == "ok" else str(verdict), sorted(promised - rows)

"""A night without a backup wakes somebody."""

from datetime import timedelta
from pathlib import Path

import pytest

from payment_service.actions.watch_backups import watch_backups
from payment_service.kit.machine import Machine
from payment_service.model.backup import made_at, name_of
from tests.trouble.conftest import Place


@pytest.fixture
def folder(place: Place, tmp_path: Path) -> Path:
    folder = tmp_path / "backups"
    folder.mkdir()
    place.machine.backups = folder
    return folder


async def test_an_old_backup_is_told_until_there_is_a_new_one(place: Place, folder: Path) -> None:
    (folder / f"{name_of(place.clock.now())}.sqlite3").touch()
    place.passes(timedelta(hours=25))
    await watch_backups(place.runtime)
    assert await place.open_kinds() == []
    place.passes(timedelta(hours=2))
    (folder / "stray.sqlite3").touch()
    (folder / "payment-service.part").touch()
    await watch_backups(place.runtime)
    (alert,) = await place.alerts()
    assert (alert.kind, alert.subject_id) == ("backup_old", "machine")
    assert str(folder) in alert.message
    (folder / f"{name_of(place.clock.now())}.sqlite3").touch()
    await watch_backups(place.runtime)
    assert await place.open_kinds() == []


@pytest.mark.usefixtures("folder")
async def test_a_first_backup_is_awaited_for_a_day_whoever_looks(place: Place) -> None:
    await watch_backups(place.runtime)
    assert await place.open_kinds() == []
    place.passes(timedelta(hours=27))
    await watch_backups(place.runtime)
    assert await place.open_kinds() == ["backup_old"]
    place.machine.backups = None
    await watch_backups(place.runtime)
    assert await place.open_kinds() == []


def test_the_age_is_of_the_name_and_no_stray_file_counts(place: Place, folder: Path) -> None:
    machine = Machine(
        "machine", folder=None, key_file=None, reserve=0, backups=folder, made_at=made_at
    )
    now = place.clock.now().replace(microsecond=0)
    assert machine.backup_age(now) is None
    (folder / "stray").touch()
    assert machine.backup_age(now) is None
    (folder / f"{name_of(now - timedelta(hours=3))}.dump").touch()
    assert machine.backup_age(now) == 3 * 3600

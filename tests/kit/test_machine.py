"""What the machine shows of its folder of backups."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from payment_service.kit.machine import Machine
from payment_service.model.backup import made_at

NOW = datetime(2026, 11, 29, 19, 30, tzinfo=UTC)


def put(folder: Path, name: str, age: float) -> None:
    (folder / name).touch()
    os.utime(folder / name, (NOW.timestamp() - age,) * 2)


def with_backups(folder: Path | None) -> Machine:
    return Machine(
        "machine", folder=None, key_file=None, reserve=0, backups=folder, made_at=made_at
    )


@pytest.mark.parametrize("ending", [".sqlite3", ".dump"])
def test_the_newest_backup_tells_how_old_they_are(tmp_path: Path, ending: str) -> None:
    put(tmp_path, f"payment-service-2026-11-27T193000Z{ending}", 172_800)
    put(tmp_path, f"payment-service-2026-11-28T193000Z{ending}", 86_400)
    assert with_backups(tmp_path).backup_age(NOW) == 86_400


@pytest.mark.parametrize(
    "stray",
    ["README", "payment-service.part", "secret.key", ".last-copied",
     "payment-service-2026-11-29T193000Z-flawed.dump"],
)  # fmt: skip
def test_a_file_that_is_no_backup_makes_none_look_fresh(tmp_path: Path, stray: str) -> None:
    put(tmp_path, stray, 60)
    assert with_backups(tmp_path).backup_age(NOW) is None
    put(tmp_path, "payment-service-2026-11-28T193000Z.sqlite3", 86_400)
    assert with_backups(tmp_path).backup_age(NOW) == 86_400


def test_where_no_folder_is_named_no_age_is_known(tmp_path: Path) -> None:
    assert with_backups(None).backup_age(NOW) is None
    assert with_backups(tmp_path / "not-there").backup_age(NOW) is None

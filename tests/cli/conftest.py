"""An operator in an empty folder, and one whose database holds an app."""

import shutil
import sqlite3
import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from payment_service.kit.clock import monotonic
from tests.cli.commands import Operator


class SetUp(NamedTuple):
    """An operator with a database, and what `app create` told them."""

    operator: Operator
    url: str
    app: dict[str, Any]

    def is_heard_of(self) -> None:
        """Until a process that runs has said so of itself, which is after it listens."""
        ends, told = monotonic() + 60, "SELECT count(*) FROM facts WHERE name LIKE 'heartbeat %'"
        path = self.operator.folder / "data" / "payment-service.sqlite3"
        while True:
            connection = sqlite3.connect(path)
            (count,) = connection.execute(told).fetchone()
            connection.close()
            if count:
                return
            assert monotonic() < ends, "no process has said that it runs"
            time.sleep(0.05)


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    """Nothing is set, nothing is there."""
    return Operator(tmp_path)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A folder with a database and its key file, to be copied, and the app in it."""
    folder = tmp_path_factory.mktemp("operator")
    made = Operator(folder).runs(
        "app", "create", "--name", "BukuBengkel", "--mode", "test", "--json"
    )
    assert made.code == 0, made.err
    return folder / "data", made.json


@pytest.fixture
def set_up(tmp_path: Path, template: tuple[Path, dict[str, Any]]) -> SetUp:
    """A SQLite file with a test app in it, its key file beside it."""
    shutil.copytree(template[0], tmp_path / "data")
    url = f"sqlite:///{tmp_path}/data/payment-service.sqlite3"
    return SetUp(Operator(tmp_path), url, template[1])

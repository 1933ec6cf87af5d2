"""Schema changes, in order; the tables in the code are what they lead to."""

from importlib import import_module
from pathlib import Path

from sqlalchemy import Column, MetaData, Table, Text, select

from payment_service.kit.database import Database
from payment_service.kit.statements import NoSuchTable, Transaction, value

NEWEST = max(path.name[:4] for path in (Path(__file__).parent / "versions").glob("[0-9]*.py"))
"""The revision that this version of the code was made for."""

versions = Table("alembic_version", MetaData(), Column("version_num", Text))
"""Alembic's own; one row."""
REVISION = value(select(versions.c.version_num), str)


async def revision_of(db: Database) -> str | None:
    """The revision of this database's schema, None for an empty one."""
    try:
        return await db.read(revision)
    except NoSuchTable:
        return None


def migrate(url: str) -> None:
    """Bring the schema of this database to the newest. Raises CannotStart.

    Alembic costs a quarter of a second and 9 MB, so it is loaded only to migrate.
    """
    import_module("payment_service.migrations.upgrade").migrate(url)


def revision(tx: Transaction) -> str | None:
    return tx.one(REVISION)

"""What must hold in the database after any story, whatever happened in it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import psycopg

from payment_service.actions.check_invariants import SOUND
from payment_service.kit import sqlite_connection
from payment_service.kit.database import open_database, sqlite_path
from payment_service.kit.soundness import flaws
from payment_service.kit.statements import Transaction
from payment_service.migrations.tables import metadata
from payment_service.model.invariant.breach import Breach
from payment_service.model.invariant.every import INVARIANTS

COUNTS = " UNION ALL ".join(
    f"SELECT '{table.name}', count(*) FROM {table.name}"  # noqa: S608 - names of ours alone
    for table in metadata.sorted_tables
)
"""As text, and of all tables at once: to compile one statement for each, anew for each connection,
was half of what the tests that compare them cost."""


def row_counts(url: str) -> dict[str, int]:
    """How many rows each table holds."""
    return dict(rows(url, COUNTS))


def rows(url: str, query: str) -> list[Any]:
    """By the bare driver: an engine asks a new connection many things before the first answer."""
    is_sqlite = url.startswith("sqlite:")
    driver: Any = sqlite_connection.connect(sqlite_path(url)) if is_sqlite else psycopg.connect(url)
    with closing(driver) as connection:
        found: list[Any] = connection.execute(query).fetchall()
    return found


def check_invariants(url: str) -> None:
    """What `payment-service verify` finds, which must be nothing."""
    breaches = breaches_in(url)
    assert breaches == [], "\n".join(str(breach) for breach in breaches)


def breaches_in(url: str) -> list[Breach]:
    """In a loop of its own, so that a test whose loop runs may ask too; and all in one view, which
    on a small database takes half the time of a view for each."""

    async def look() -> list[Breach]:
        database = open_database(url)
        try:
            return await database.examine(_all_breaches, database.dialect)
        finally:
            await database.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, look()).result()


def _all_breaches(tx: Transaction, dialect: str) -> list[Breach]:
    found = [breach for one in INVARIANTS for breach in one.breaches(tx)]
    return found + [Breach(SOUND, "database", flaw) for flaw in flaws(tx, dialect)]

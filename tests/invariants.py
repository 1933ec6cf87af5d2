"""What must hold in the database after any story, whatever happened in it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text

from payment_service.actions.check_invariants import SOUND
from payment_service.kit.database import open_database
from payment_service.kit.soundness import flaws
from payment_service.kit.statements import Transaction
from payment_service.migrations.tables import metadata
from payment_service.migrations.upgrade import connected
from payment_service.model.invariant.breach import Breach
from payment_service.model.invariant.every import INVARIANTS

COUNTS = text(
    " UNION ALL ".join(
        f"SELECT '{table.name}', count(*) FROM {table.name}"  # noqa: S608 - names of ours alone
        for table in metadata.sorted_tables
    )
)
"""As text, and of all tables at once: to compile one statement for each, anew for each connection,
was half of what the tests that compare them cost."""


def row_counts(url: str) -> dict[str, int]:
    """How many rows each table holds."""
    with connected(url) as connection:
        return dict(map(tuple, connection.execute(COUNTS)))


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

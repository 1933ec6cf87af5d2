"""Credit: the database holds every entry as it was written, and no balance below zero."""

import pytest
from sqlalchemy import text

from payment_service.kit.database import Database
from payment_service.kit.statements import Transaction, command
from payment_service.migrations.upgrade import connected
from payment_service.model.credit import CreditEntry, Kind, balance, enter, to_apply
from payment_service.model.customer import Customer, find_or_add
from tests.model.records import NOW
from tests.model.test_invoice import registered

UPDATE = command(text("UPDATE credit_entries SET amount = 1"))
DELETE = command(text("DELETE FROM credit_entries"))


async def customer(database: Database) -> Customer:
    app = await registered(database, "BukuBengkel")
    return await database.write(find_or_add, app.id, "tenant-1", NOW)


def entered(tx: Transaction, owner: Customer, kind: Kind, amount: int) -> CreditEntry:
    return enter(tx, app_id=owner.app_id, customer_id=owner.id, kind=kind, amount=amount, now=NOW)


@pytest.mark.parametrize("amount", [1, 0, 1_000_000_000_001])
async def test_credit_is_never_negative(database: Database, amount: int) -> None:
    owner = await customer(database)
    with pytest.raises(Exception, match=r"(?i)check constraint|credit is never negative"):
        await database.write(entered, owner, "refunded", amount)
    assert await database.read(balance, owner.id) == 0


@pytest.mark.parametrize("kind", ["credited", "returned", "applied"])
async def test_credit_that_comes_from_nowhere_is_refused(database: Database, kind: Kind) -> None:
    owner = await customer(database)
    with pytest.raises(Exception, match=r"(?i)check constraint|credit is never negative"):
        await database.write(entered, owner, kind, 1)


@pytest.mark.parametrize("table", ["payments", "credit_entries", "reviews"])
@pytest.mark.parametrize("deed", ["UPDATE {} SET app_id = app_id", "DELETE FROM {}"])
def test_what_was_booked_cannot_be_changed(database_url: str, table: str, deed: str) -> None:
    """The triggers are there for each row; tests/books/test_credit.py runs into them."""
    with connected(database_url) as connection:
        if database_url.startswith("sqlite"):
            rows = connection.execute(
                text("SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = :name"),
                {"name": table},
            )
        else:
            rows = connection.execute(
                text(
                    "SELECT pg_get_triggerdef(oid) FROM pg_trigger"
                    " WHERE tgrelid = CAST(:name AS regclass) AND NOT tgisinternal"
                ),
                {"name": table},
            )
        assert any(deed.split(maxsplit=1)[0] in sql and "BEFORE" in sql for (sql,) in rows)


@pytest.mark.parametrize(
    ("available", "total", "applied"),
    [
        (0, 99_000, 0),
        (50_000, 99_000, 50_000),
        (98_500, 99_000, 98_500),
        (98_501, 99_000, 98_500),
        (98_999, 99_000, 98_500),
        (99_000, 99_000, 99_000),
        (500_000, 99_000, 99_000),
        (400, 500, 0),
        (500, 500, 500),
        (3, 700, 3),
        (699, 700, 200),
    ],
)
def test_no_rest_is_left_that_a_code_could_not_ask_for(
    available: int, total: int, applied: int
) -> None:
    assert to_apply(available, total) == applied

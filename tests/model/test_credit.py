"""Credit: the sign of every entry is held by the database, and the balance is their sum."""

import pytest

from payment_service.kit.database import Database
from payment_service.kit.ids import new_id
from payment_service.kit.statements import Transaction, add
from payment_service.model.credit import CreditEntry, Kind, balance
from payment_service.model.customer import Customer, find_or_add
from tests.model.records import NOW
from tests.model.test_invoice import registered


async def customer(database: Database) -> Customer:
    app = await registered(database, "BukuBengkel")
    return await database.write(find_or_add, app.id, "tenant-1", NOW)


def entry(owner: Customer, kind: Kind, amount: int) -> CreditEntry:
    return CreditEntry(
        id=new_id("crd", NOW),
        app_id=owner.app_id,
        customer_id=owner.id,
        kind=kind,
        amount=amount,
        payment_id=None,
        invoice_id=None,
        reference=None,
        note=None,
        created_at=NOW,
    )


def refund_all(tx: Transaction, owner: Customer, *amounts: int) -> int:
    for amount in amounts:
        add(tx, entry(owner, "refunded", amount))
    return balance(tx, owner.id)


async def test_the_balance_is_the_sum_of_the_entries(database: Database) -> None:
    owner = await customer(database)
    assert await database.read(balance, owner.id) == 0
    assert await database.write(refund_all, owner, -1_000, -500) == -1_500
    assert await database.read(balance, owner.id) == -1_500


@pytest.mark.parametrize(
    ("kind", "amount"),
    [("refunded", 1), ("refunded", 0), ("refunded", -1_000_000_000_001)],
)
async def test_an_entry_of_the_wrong_sign_or_size_is_refused(
    database: Database, kind: Kind, amount: int
) -> None:
    owner = await customer(database)
    with pytest.raises(Exception, match=r"(?i)check constraint"):
        await database.write(lambda tx: add(tx, entry(owner, kind, amount)))
    assert await database.read(balance, owner.id) == 0


@pytest.mark.parametrize(
    ("kind", "amount"), [("credited", 1), ("returned", 1), ("applied", -1), ("credited", -1)]
)
async def test_credit_that_comes_from_nowhere_is_refused(
    database: Database, kind: Kind, amount: int
) -> None:
    owner = await customer(database)
    with pytest.raises(Exception, match=r"(?i)check constraint"):
        await database.write(lambda tx: add(tx, entry(owner, kind, amount)))

"""Invoice numbers, and the moves of an invoice."""

import asyncio
from datetime import date

import pytest

from payment_service.actions.register_app import Registration, register_app
from payment_service.kit.crypto import SecretBox, new_key
from payment_service.kit.database import Database
from payment_service.kit.statements import Transaction
from payment_service.model.app import App, initials
from payment_service.model.invoice import MOVES, next_numbers
from tests.model.records import NOW


async def registered(database: Database, name: str) -> App:
    def unit(tx: Transaction) -> App:
        wanted = Registration(name=name, mode="test")
        return register_app(tx, wanted, SecretBox([new_key()]), frozenset(), NOW).app

    return await database.write(unit)


async def test_numbers_have_no_gap_though_many_ask_and_some_fail(database: Database) -> None:
    app = await registered(database, "BukuBengkel")
    day = date(2026, 1, 31)

    class FailedAfterwards(Exception):
        pass

    def issue(tx: Transaction, fails: bool) -> str:
        (number,) = next_numbers(tx, app, day, 1)
        if fails:
            raise FailedAfterwards
        return number

    asked = [database.write(issue, place % 3 == 0) for place in range(150)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    given = sorted(answer for answer in answers if isinstance(answer, str))
    assert given == [f"BB-2026-{count:06d}" for count in range(1, 101)]
    assert sum(isinstance(answer, FailedAfterwards) for answer in answers) == 50


async def test_each_app_and_each_year_counts_for_itself(database: Database) -> None:
    first, other = await registered(database, "BukuBengkel"), await registered(database, "Kasir")

    def issue(tx: Transaction, app: App, year: int) -> str:
        return next_numbers(tx, app, date(year, 12, 31), 1)[0]

    given = [
        await database.write(issue, app, year)
        for app, year in ((first, 2026), (first, 2026), (first, 2027), (other, 2026))
    ]
    assert given == ["BB-2026-000001", "BB-2026-000002", "BB-2027-000001", "K-2026-000001"]


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        ("BukuBengkel", "BB"),
        ("Kasir Pintar", "KP"),
        ("toko", "T"),
        ("Toko 24 Jam", "T2J"),
        ("東京", "INV"),
        ("A B C D E F G H", "ABCDEF"),
    ],
)
def test_a_name_suggests_its_initials(name: str, prefix: str) -> None:
    assert initials(name) == prefix


def test_a_paid_invoice_stays_paid_and_a_void_one_only_money_revives() -> None:
    assert MOVES == {"open": ("paid", "void"), "paid": (), "void": ("paid",)}

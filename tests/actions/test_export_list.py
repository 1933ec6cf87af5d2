"""An exported list is a file that a spreadsheet reads as it was meant, and runs nothing of."""

import csv
import io
from collections.abc import Sequence
from datetime import timedelta

from payment_service.actions.export_list import (
    AT_ONCE,
    CUSTOMERS,
    INVOICES,
    PAYMENTS,
    PLANS,
    SUBSCRIPTIONS,
    Column,
    Separator,
    export_list,
)
from payment_service.kit.database import Database
from payment_service.kit.ids import new_id
from payment_service.model.customer import Customer, add_customers
from payment_service.model.invoice_list import InvoiceFilter
from payment_service.model.listed import (
    Listing,
    list_customers,
    list_invoices,
    list_payments,
    list_subscriptions,
)
from payment_service.model.payment_list import PaymentFilter
from payment_service.model.plan_list import PLANS_LISTED, walk_plans
from payment_service.model.subscription_list import SubscriptionFilter
from payment_service.model.turning import Turn
from tests.simulation.story_of_all import PLANS as SOLD
from tests.simulation.story_of_all import everything_happens
from tests.simulation.world import World

HARMLESS = ["Budi", "Bengkel, Jaya", "a\nb", "Kafé “Ω” 🚗", "x=1", "5-3"]
FORMULAS = ["=1+1", "+62812", "-5", "@SUM(A1)", "\tx", "\rx", "=cmd|' /C calc'!A0"]


async def exported(
    world: World,
    listing: Listing,
    columns: Sequence[Column],
    separator: Separator = ",",
    within: Turn | None = None,
) -> list[bytes]:
    zones = {world.app_id: "Asia/Jakarta"}
    return [
        piece
        async for piece in export_list(
            world.db, listing, columns, zones=zones, separator=separator, within=within,
            headings={"name": "Nama"},
        )
    ]  # fmt: skip


def read(pieces: Sequence[bytes], separator: str = ",") -> list[dict[str, str]]:
    text = b"".join(pieces).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=separator))


async def with_customers(database: Database, names: Sequence[str]) -> World:
    world = World(database)
    await world.begin({}, SOLD)
    begun = world.clock.now()
    new = [
        Customer(
            id=new_id("cus", begun + timedelta(milliseconds=place)), app_id=world.app_id,
            reference=f"tenant-{place}", name=name, email=None, phone=None, metadata={},
            trial_used_at=None, forgotten_at=None, created_at=begun, version=1,
        )
        for place, name in enumerate(names)
    ]  # fmt: skip
    await database.write(add_customers, new)
    return world


async def test_text_that_a_spreadsheet_would_run_is_only_text(database: Database) -> None:
    world = await with_customers(database, [*HARMLESS, *FORMULAS])
    pieces = await exported(world, list_customers([world.app_id]), CUSTOMERS)
    assert pieces[0].startswith(b"\xef\xbb\xbfNama,customer,app,email,")
    rows = read(pieces)
    assert [row["Nama"] for row in reversed(rows)] == [*HARMLESS, *("'" + one for one in FORMULAS)]
    assert {row["credit"] for row in rows} == {"0"}
    assert {row["created_at"] for row in rows} == {"2027-01-30 10:00:00"}
    with_semicolons = await exported(world, list_customers([world.app_id]), CUSTOMERS, ";")
    assert read(with_semicolons, ";") == rows


async def test_a_long_list_comes_in_small_pieces_and_each_row_once(database: Database) -> None:
    world = await with_customers(database, [f"Toko {number}" for number in range(5 * AT_ONCE + 7)])
    pieces = await exported(world, list_customers([world.app_id]), CUSTOMERS)
    assert len(pieces) == 7
    assert max(piece.count(b"\r\n") for piece in pieces) == AT_ONCE
    references = [row["customer"] for row in read(pieces)]
    assert references == [f"tenant-{number}" for number in range(5 * AT_ONCE + 6, -1, -1)]


async def test_every_list_has_its_columns(database: Database) -> None:
    world = World(database)
    await everything_happens(world)
    app_id = world.app_id
    for listing, columns in (
        (list_subscriptions({app_id: SubscriptionFilter()}), SUBSCRIPTIONS),
        (list_customers([app_id]), CUSTOMERS),
        (list_invoices({app_id: InvoiceFilter()}), INVOICES),
        (list_payments({app_id: PaymentFilter()}), PAYMENTS),
        (Listing((walk_plans(app_id, archived=None),), PLANS_LISTED), PLANS),
    ):
        rows = read(await exported(world, listing, columns))
        assert rows
        assert len(rows[0]) == len(columns)
        assert {row["app_id"] for row in rows} == {app_id}
        assert all("customer" not in row or row["customer"] for row in rows)


async def test_an_empty_list_is_a_heading(database: Database) -> None:
    world = World(database)
    await world.begin({}, SOLD)
    (heading,) = await exported(world, list_customers([world.app_id]), CUSTOMERS)
    assert heading.count(b"\r\n") == 1

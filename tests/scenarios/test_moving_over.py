"""Moving over from an older system: its subscriptions, and the codes that it had made."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from payment_service.actions.check_money import check_money
from payment_service.actions.import_subscriptions import Imported, import_subscriptions
from payment_service.model.app import app_by_id
from payment_service.model.audit import By
from payment_service.model.import_file import read_import
from payment_service.model.settlement import read_settlement
from payment_service.outside.gateway import OpenedCode
from tests.invariants import row_counts
from tests.story import Story, Tenant

# The clock begins on 31 January 2026, 10:00 in Jakarta.
DAY = timedelta(days=1)
ROW: dict[str, Any] = {
    "reference": "tenant-42",
    "name": "Bengkel Jaya",
    "plan": "bulanan",
    "paid_through": "2026-02-03",
}


async def imports(story: Story, *rows: dict[str, Any], dry_run: bool = False) -> Imported:
    """By the file that the operator gives."""
    app = story.the_app or await story.app()
    read = read_import(msgspec.json.encode(rows), "json")
    assert read.flaws == []
    runtime = story.service.runtime
    by = By("command line", "Cutover", story.clock.now())
    return await import_subscriptions(runtime, app.id, read.lines, by=by, dry_run=dry_run)


async def tenant(story: Story, reference: str = "tenant-42") -> Tenant:
    assert story.the_app is not None
    answer = await story.the_app.asks("GET", f"/v1/subscriptions?customer={reference}")
    (found,) = answer.json["data"]
    return Tenant(story, story.the_app, found)


async def old_code(story: Story, order_id: str = "BENGKEL-0042") -> OpenedCode:
    """As the older system asked the same project of the gateway for it."""
    runtime, told = story.service.runtime, story.the_app or await story.app()
    gateway = runtime.gateway_of(await runtime.db.read(app_by_id, told.id))
    assert gateway is not None
    return await gateway.open(order_id, 99_000)


def with_code(code: OpenedCode, **more: Any) -> dict[str, Any]:
    told = {
        "order_id": code.order_id,
        "transaction_id": code.reference,
        "qr": code.qr_string,
        "total": code.total_payment,
        "expires_at": code.expires_at,
        **more,
    }
    return {**ROW, "open_invoice": {"amount": 99_000, "number": "OLD-7", "codes": [told]}}


async def test_a_subscription_is_what_its_dates_say(story: Story) -> None:
    done = await imports(
        story,
        ROW,
        {**ROW, "reference": "t-grace", "paid_through": "2026-01-30"},
        {**ROW, "reference": "t-late", "paid_through": "2026-01-20", "price": 89_000},
        {**ROW, "reference": "t-trial", "status": "trialing"},
        {**ROW, "reference": "t-held", "status": "suspended", "reason": "manual"},
        {"reference": "t-free", "plan": "gratis"},
    )
    assert (done.flaws, done.subscriptions, done.open_invoices) == ((), 6, 2)
    names = ("tenant-42", "t-grace", "t-late", "t-trial", "t-held", "t-free")
    found = {name: await (await tenant(story, name)).subscription() for name in names}
    assert {name: (one["status"], one["reason"]) for name, one in found.items()} == {
        "tenant-42": ("active", None),
        "t-grace": ("grace", None),
        "t-late": ("suspended", "nonpayment"),
        "t-trial": ("trialing", None),
        "t-held": ("suspended", "manual"),
        "t-free": ("active", None),
    }
    assert found["t-grace"]["grace_until"] == "2026-02-06"
    assert found["t-late"]["open_invoice"]["total"] == 89_000
    assert {one["seq"] for one in found.values()} == {1}
    # One event each, and the two invoices that are issued for the first time.
    types = await story.heard_types()
    assert types == ["invoice.issued"] * 2 + ["subscription.created"] * 6


async def test_what_was_imported_renews_like_any_other(story: Story) -> None:
    await imports(story, ROW)
    moved = await tenant(story)
    await story.days_pass()
    invoice = (await moved.subscription())["open_invoice"]
    assert (invoice["due_on"], invoice["period_start"]) == ("2026-02-03", "2026-02-04")
    await moved.pays(await moved.asks_for_code())
    now = await moved.subscription()
    assert (now["status"], now["paid_through"], now["seq"]) == ("active", "2026-03-03", 2)
    await story.until(date(2026, 3, 12))
    assert await moved.status() == "suspended"


async def test_an_old_code_that_was_paid_before_the_cutover_is_found(story: Story) -> None:
    """The older system never heard of the money."""
    code = await old_code(story)
    await story.pakasir.receives_money(code.order_id)
    story.clock.advance(DAY)
    await imports(story, with_code(code))
    moved = await tenant(story)
    assert (await moved.subscription())["open_invoice"]["number"] == "BB-2026-000001"
    await story.seconds_pass(1)
    now = await moved.subscription()
    assert (now["open_invoice"], now["paid_through"]) == (None, "2026-03-03")


async def test_an_old_code_is_paid_during_the_cutover(story: Story) -> None:
    """The notice comes while nobody knows the order yet, and is not sent again."""
    code = await old_code(story)
    told = await story.pakasir.receives_money(code.order_id)
    assert (await story.notice_comes(told)).status == 200
    await imports(story, with_code(code))
    await story.seconds_pass(1)
    assert (await (await tenant(story)).subscription())["paid_through"] == "2026-03-03"


async def test_an_old_code_is_paid_after_the_cutover(story: Story) -> None:
    code = await old_code(story)
    await imports(story, with_code(code))
    moved = await tenant(story)
    # The code that the tenant has is handed out again, not another one.
    shown = await moved.asks_for_code()
    assert (shown.qr_string, shown.total) == (code.qr_string, code.total_payment)
    await story.money_arrives(code.order_id)
    await story.service.rest()
    now = await moved.subscription()
    assert (now["open_invoice"], now["paid_through"]) == (None, "2026-03-03")
    assert (await story.heard_types()).count("subscription.renewed") == 1


async def test_an_old_code_whose_picture_is_not_there_pays_beside_a_new_one(story: Story) -> None:
    code = await old_code(story)
    await imports(story, with_code(code, qr=None, transaction_id=None))
    moved = await tenant(story)
    page = await story.service.ask("GET", moved.first_answer["pay_url"])
    assert b"Kode QRIS Anda" in page.body
    new = await moved.asks_for_code()
    assert new.order_id != code.order_id
    await story.money_arrives(code.order_id)
    await story.service.rest()
    assert (await moved.subscription())["paid_through"] == "2026-03-03"
    # Whoever pays the new one as well has that money as credit.
    await story.money_arrives(new.order_id)
    await story.service.rest()
    customer = moved.first_answer["customer"]["id"]
    assert story.the_app is not None
    credit = await story.the_app.asks("GET", f"/v1/customers/{customer}/credit")
    assert credit.json["balance"] == 99_000


async def test_money_of_the_last_day_counts_from_there_however_late_it_is_found(
    story: Story,
) -> None:
    code = await old_code(story)
    await story.pakasir.receives_money(code.order_id)
    story.clock.advance(20 * DAY)
    row = {**with_code(code), "paid_through": "2026-01-31"}
    await imports(story, row)
    moved = await tenant(story)
    assert await moved.status() == "suspended"
    await story.seconds_pass(1)
    now = await moved.subscription()
    assert (now["status"], now["paid_through"]) == ("active", "2026-02-28")


async def test_a_code_that_is_given_up_is_canceled_under_its_old_order(story: Story) -> None:
    code = await old_code(story)
    await imports(story, with_code(code))
    owner = await story.admin()
    moved = await tenant(story)
    invoice = (await moved.subscription())["open_invoice"]["id"]
    body = {"reference": "BCA 1", "note": "tunai"}
    assert (await owner.asks("POST", f"/v1/invoices/{invoice}/mark-paid", body)).status == 201
    await story.service.cancel_codes()
    assert (await story.pakasir.code(code.order_id)).status == "canceled"


async def test_an_old_order_is_reconciled_by_its_old_name(story: Story) -> None:
    """With the gateway, and with the file of what it paid out."""
    code = await old_code(story)
    await imports(story, with_code(code))
    await story.money_arrives(code.order_id)
    await story.service.rest()
    runtime = story.service.runtime
    assert story.the_app is not None
    app = await runtime.db.read(app_by_id, story.the_app.id)
    story.clock.advance(DAY)
    lines = f"order_id,amount\n{code.order_id},99000\n".encode()
    found = await check_money(
        runtime, app, date(2026, 1, 31), date(2026, 1, 31), settlement=read_settlement(lines)
    )
    assert (found.asked, found.exceptions, found.unanswered) == (1, [], [])


async def test_history_is_there_and_is_not_told_again(story: Story, database_url: str) -> None:
    history = [
        {
            "number": "OLD-2",
            "amount": 99_000,
            "paid_on": "2026-01-03",
            "period_start": "2026-01-04",
            "period_end": "2026-02-03",
            "order_id": "BENGKEL-2",
            "transaction_id": "trx-2",
        },
        {
            "number": "OLD-1",
            "amount": 89_000,
            "paid_on": "2025-12-03",
            "period_start": "2025-12-04",
            "period_end": "2026-01-03",
        },
    ]
    done = await imports(story, {**ROW, "paid_invoices": history})
    assert (done.paid_invoices, done.codes) == (2, 0)
    assert story.the_app is not None
    listed = (await story.the_app.asks("GET", "/v1/invoices?customer=tenant-42&status=paid")).json
    assert [
        (one["number"], one["metadata"], one["total"], one["issued_on"]) for one in listed["data"]
    ] == [
        ("BB-2026-000002", {"imported_number": "OLD-2"}, 99_000, "2026-01-31"),
        ("BB-2026-000001", {"imported_number": "OLD-1"}, 89_000, "2026-01-31"),
    ]
    assert await story.heard_types() == ["subscription.created"]
    # A notice of what was paid long ago changes nothing.
    before = row_counts(database_url)
    notice = {"order_id": "BENGKEL-2", "txn_id": "trx-2", "status": "completed"}
    assert (await story.notice_comes(notice)).status == 200
    after = row_counts(database_url)
    assert {name for name in after if after[name] != before[name]} == {"notices"}


ONE_BAD: list[tuple[dict[str, Any], str]] = [
    ({"plan": "mingguan"}, "plan"),
    ({"paid_through": None}, "paid_through"),
    ({"paid_through": "2046-01-01"}, "paid_through"),
    ({"status": "grace"}, "status"),
    ({"reason": "manual"}, "reason"),
    ({"price": 100}, "price"),
    ({"price": 0}, "price"),
    ({"anchor_day": 9}, "anchor_day"),
    ({"reference": "tenant-42"}, "reference"),
    ({"metadata": {"x": "y" * 5000}}, "metadata"),
    ({"open_invoice": {"amount": 99_000, "codes": [
      {"order_id": "A", "made_at": "2027-01-01T00:00:00"}]}}, "open_invoice.codes[0].made_at"),
    ({"open_invoice": {"amount": 99_000, "codes": [{"order_id": "A", "total": 199_000}]}},
     "open_invoice.codes[0].total"),
    ({"open_invoice": {"amount": 99_000, "codes": [{"order_id": "A"}, {"order_id": "A"}]}},
     "open_invoice.codes[1].order_id"),
    ({"open_invoice": {"amount": 99_000, "due_on": "2025-02-03"}}, "open_invoice.due_on"),
    ({"open_invoice": {"amount": 99_000, "due_on": "2026-01-03"}}, "open_invoice.due_on"),
    ({"open_invoice": {"amount": 99_000}, "cancel_at_period_end": True}, "open_invoice"),
    ({"paid_invoices": [{"number": "1", "amount": 1, "paid_on": "2026-02-01",
      "period_start": "2026-01-01", "period_end": "2026-01-31"}]}, "paid_invoices[0].paid_on"),
    ({"paid_invoices": [{"number": "1", "amount": 1, "paid_on": "2026-01-01",
      "period_start": "2026-02-01", "period_end": "2026-02-28"}]}, "paid_invoices[0].period_end"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "field"), ONE_BAD, ids=lambda one: str(one)[:40])
async def test_one_bad_line_changes_nothing(
    story: Story, database_url: str, wrong: dict[str, Any], field: str
) -> None:
    await story.app()
    before = row_counts(database_url)
    done = await imports(story, ROW, {**ROW, "reference": "tenant-43", **wrong})
    assert field in [flaw.field for flaw in done.flaws]
    assert done.subscriptions == 0
    assert row_counts(database_url) == before


async def test_a_customer_with_an_open_subscription_is_not_imported_again(
    story: Story, database_url: str
) -> None:
    await imports(story, ROW)
    before = row_counts(database_url)
    done = await imports(story, ROW)
    assert [flaw.field for flaw in done.flaws] == ["reference"]
    assert "open subscription" in done.flaws[0].message
    assert row_counts(database_url) == before


async def test_a_dry_run_counts_and_writes_nothing(story: Story, database_url: str) -> None:
    await story.app()
    before = row_counts(database_url)
    done = await imports(story, ROW, dry_run=True)
    assert (done.flaws, done.subscriptions) == ((), 1)
    assert row_counts(database_url) == before

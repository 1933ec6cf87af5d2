"""Settling: what money does to an invoice that is not simply open."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from payment_service.actions.register_app import Registration
from payment_service.books.settle import settle
from payment_service.books.tell_subscription import tell_stored
from payment_service.kit.statements import Transaction, save
from payment_service.model.alert import OPEN_ALERTS
from payment_service.model.charge import CHARGE
from payment_service.model.credit import balance
from payment_service.model.invoice import INVOICE, Invoice
from payment_service.model.payment import Payment
from payment_service.model.subscription import SUBSCRIPTION, Subscription
from payment_service.outbox import News, announce
from payment_service.outside.gateway import CodeStatus
from tests.clocks import HandClock
from tests.invariants import check_invariants
from tests.service import Service, running_service
from tests.story import App, register


class Owed:
    """A subscription with one invoice and one code, whose states a test may set."""

    def __init__(self, service: Service, app: App, made: dict[str, Any], charge_id: str) -> None:
        self.service = service
        self.app = app
        self.made = made
        self.charge_id = charge_id
        self.invoice_id: str = made["open_invoice"]["id"]

    async def becomes(self, subscription: dict[str, Any], invoice: dict[str, Any]) -> None:
        """As a deed would leave them: with the instants of their states, and told."""
        now = self.service.runtime.clock.now()
        if subscription["status"] == "suspended":
            await self.becomes({"status": "active", "activated_at": now}, {})
            subscription = {**subscription, "suspended_at": now}
        elif subscription["status"] != "active":
            subscription = {**subscription, "ended_at": now}
            invoice = {**invoice, "voided_at": now}

        def unit(tx: Transaction) -> None:
            before, bill = self._rows(tx)
            changes = {**subscription, "seq": before.seq + 1}
            save(tx, before, msgspec.structs.replace(before, **changes))
            save(tx, bill, msgspec.structs.replace(bill, **invoice))
            links = self.service.runtime.links
            told = tell_stored(tx, links, before.id)
            news = [News("subscription.updated", before.id, told, links.passes)]
            announce(tx, self.app.id, news, now)

        await self.service.runtime.db.write(unit)

    async def is_paid(self, **changes: Any) -> Payment:
        """As the gateway says it, now."""
        runtime = self.service.runtime
        now = runtime.clock.now()
        said = CodeStatus(
            reference="sim_1",
            order_id=self.charge_id,
            amount=99_000,
            status="completed",
            is_sandbox=True,
            completed_at=now,
        )
        said = msgspec.structs.replace(said, **changes)
        return await runtime.db.write(settle, runtime.links, self.charge_id, said, now)

    async def rows(self) -> tuple[Subscription, Invoice]:
        return await self.service.runtime.db.read(self._rows)

    async def alerts(self) -> list[str]:
        found = await self.service.runtime.db.read(lambda tx: tx.all(OPEN_ALERTS))
        return [alert.kind for alert in found]

    def _rows(self, tx: Transaction) -> tuple[Subscription, Invoice]:
        subscription = tx.one(SUBSCRIPTION, id=self.made["id"])
        invoice = tx.one(INVOICE, id=self.invoice_id)
        assert subscription is not None
        assert invoice is not None
        return subscription, invoice


async def owes(service: Service, app: App, reference: str) -> Owed:
    made = (await app.subscribes(reference, "bulanan")).json
    code = await app.asks("POST", f"/v1/invoices/{made['open_invoice']['id']}/qris")
    return Owed(service, app, made, code.json["charge_id"])


@pytest.fixture
async def owed(database_url: str, clock: HandClock) -> AsyncIterator[Owed]:
    async with running_service(database_url, clock) as service:
        app = await register(service, Registration(name="BukuBengkel", mode="test"))
        yield await owes(service, app, "tenant-1")
    check_invariants(database_url)


async def test_money_told_again_gives_the_same_payment(owed: Owed) -> None:
    first = await owed.is_paid()
    assert await owed.is_paid() == first
    assert (await owed.rows())[0].seq == 2


@pytest.mark.parametrize(
    ("status", "reason", "kind"),
    [
        ("expired", None, "first"),
        ("canceled", "nonpayment", "first"),
        ("canceled", "nonpayment", "renewal"),
    ],
)
async def test_money_revives_what_ended_for_want_of_it(
    owed: Owed, status: str, reason: str | None, kind: str
) -> None:
    await owed.becomes(
        {"status": status, "reason": reason},
        {"status": "void", "void_reason": "timeout", "kind": kind},
    )
    assert (await owed.is_paid()).outcome == "settled"
    subscription, invoice = await owed.rows()
    assert (subscription.status, invoice.status) == ("active", "paid")
    assert str(subscription.paid_through) == "2026-02-28"


async def test_money_for_what_the_tenant_canceled_is_credit(owed: Owed) -> None:
    await owed.becomes(
        {"status": "canceled", "reason": "requested"},
        {"status": "void", "void_reason": "subscription_ended"},
    )
    payment = await owed.is_paid()
    assert payment.outcome == "credited"
    subscription, invoice = await owed.rows()
    assert (subscription.status, invoice.status) == ("canceled", "void")
    assert await owed.service.runtime.db.read(balance, subscription.customer_id) == 99_000


async def test_money_for_an_expired_one_does_not_revive_beside_a_newer_one(owed: Owed) -> None:
    await owed.becomes({"status": "expired"}, {"status": "void", "void_reason": "timeout"})
    newer = (await owed.app.subscribes("tenant-1", "tahunan")).json
    assert newer["id"] != owed.made["id"]
    assert (await owed.is_paid()).outcome == "credited"
    assert (await owed.rows())[0].status == "expired"


async def test_money_for_an_expired_one_pays_the_newer_ones_invoice_of_the_same_amount(
    owed: Owed,
) -> None:
    await owed.becomes({"status": "expired"}, {"status": "void", "void_reason": "timeout"})
    newer = (await owed.app.subscribes("tenant-1", "bulanan")).json
    await owed.is_paid()
    after = (await owed.app.asks("GET", f"/v1/subscriptions/{newer['id']}")).json
    assert after["status"] == "active"


async def test_money_in_a_manual_suspension_buys_the_period_and_lifts_nothing(owed: Owed) -> None:
    subscription, _ = await owed.rows()
    today = owed.service.runtime.clock.now().date()
    await owed.becomes(
        {
            "status": "suspended",
            "reason": "manual",
            "paid_through": today,
            "anchor_day": today.day,
        },
        {"kind": "renewal"},
    )
    assert (await owed.is_paid()).outcome == "settled"
    subscription, invoice = await owed.rows()
    assert (subscription.status, subscription.reason) == ("suspended", "manual")
    assert str(subscription.paid_through) == "2026-02-28"
    assert invoice.status == "paid"
    assert await owed.alerts() == ["paid_while_suspended"]


@pytest.mark.parametrize(
    ("changes", "doubt"),
    [
        ({"amount": 98_999}, "amount_differs"),
        ({"amount": 99_001}, "amount_differs"),
        ({"is_sandbox": False}, "live_money_in_test_app"),
    ],
)
async def test_money_in_doubt_pays_nothing(owed: Owed, changes: Any, doubt: str) -> None:
    payment = await owed.is_paid(**changes)
    assert (payment.outcome, payment.reason) == ("needs_review", doubt)
    subscription, invoice = await owed.rows()
    assert (subscription.status, invoice.status) == ("pending", "open")
    assert await owed.is_paid(**changes) == payment


async def test_the_payment_day_lies_between_the_charge_and_now(
    owed: Owed, clock: HandClock
) -> None:
    made_at = clock.now()
    clock.advance(timedelta(days=3))
    payment = await owed.is_paid(completed_at=made_at - timedelta(days=9))
    assert payment.paid_at == made_at
    charge = await owed.service.runtime.db.read(lambda tx: tx.one(CHARGE, id=owed.charge_id))
    assert charge is not None
    assert (charge.status, charge.check_at, charge.lease_until) == ("paid", None, None)


async def test_a_payment_day_ahead_of_the_clock_is_today(owed: Owed, clock: HandClock) -> None:
    payment = await owed.is_paid(completed_at=clock.now() + timedelta(days=9))
    assert payment.paid_at == clock.now()


async def test_a_payment_without_a_time_counts_from_now(owed: Owed, clock: HandClock) -> None:
    clock.advance(timedelta(hours=15))  # it is 01.00 on 1 February in Jakarta
    payment = await owed.is_paid(completed_at=None)
    assert str(payment.paid_on) == "2026-02-01"
    assert str((await owed.rows())[0].paid_through) == "2026-03-01"

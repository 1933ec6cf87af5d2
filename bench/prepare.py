"""Prepare the database: an app, and many subscriptions that wait for money already at the gateway.

The first is made by the service's own actions and the rest are copies of its rows, so that they
stay valid whatever columns come.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from payment_service.actions.add_plan import NewPlan, add_plan
from payment_service.actions.open_charge import open_charge
from payment_service.actions.register_app import Registration, register_app
from payment_service.actions.set_request_rate import HIGHEST, set_request_rate
from payment_service.actions.subscribe import Subscriber, subscribe
from payment_service.config import Settings, open_runtime
from payment_service.kit.database import sqlite_path
from payment_service.kit.ids import new_id, new_token
from payment_service.kit.statements import Transaction, add_all
from payment_service.model.app import App
from payment_service.model.audit import By
from payment_service.model.charge import CHARGE, Charge
from payment_service.model.customer import CUSTOMER, Customer
from payment_service.model.invoice import INVOICE, Invoice, next_numbers
from payment_service.model.subscription import SUBSCRIPTION, Subscription
from payment_service.outside.simulator.codes import (
    BY_REFERENCE,
    SimulatedCode,
    complete,
    payload,
)

PLAN = "bulanan"
CHUNK = 1000


class Paid(NamedTuple):
    """A charge that the gateway calls completed, and that nobody has settled."""

    charge_id: str
    reference: str
    invoice_id: str


class Prepared(NamedTuple):
    """What the load needs to know."""

    settings: Settings
    app_id: str
    api_key: str
    notice_secret: str
    paid: list[Paid]

    @property
    def path(self) -> Path:
        """Of a SQLite file."""
        return Path(sqlite_path(self.settings.database_url))


class Rows(NamedTuple):
    """The rows of one subscription, in the order in which they are inserted."""

    customer: Customer
    subscription: Subscription
    invoice: Invoice
    charge: Charge
    code: SimulatedCode


async def prepare(settings: Settings, count: int) -> Prepared:
    """Fill a database that is empty or not there, with `count` paid and unsettled charges."""
    runtime = await open_runtime(settings)
    try:
        db, now = runtime.db, runtime.clock.now()
        wanted = Registration(
            name="Bengkel", mode="test", webhook_url="https://bench.example/webhooks"
        )
        app, _, api_key, *_ = await db.write(
            register_app, wanted, runtime.secrets, runtime.targets, now
        )
        app = await db.write(set_request_rate, app.id, HIGHEST, By("bench", "measuring", now))
        await db.write(add_plan, app.id, NewPlan(PLAN, "Bulanan", 99_000, 1), now)
        tenant = Subscriber("tenant-0", name="Bengkel Jaya")
        made = await db.write(subscribe, app, runtime.links, tenant, PLAN, None, {}, now)
        if made.resource.open_invoice is None:
            raise LookupError("the first subscription came without an invoice")
        charge = (await open_charge(runtime, app.id, made.resource.open_invoice.id)).charge
        await db.write(complete, charge.reference or "", runtime.clock.now())
        first = await db.read(_first, charge.id)
        paid = [_paid(first)]
        while len(paid) < count:
            some = range(len(paid), min(count, len(paid) + CHUNK))
            paid += await db.write(_copy, app, first, some, now - timedelta(milliseconds=count))
        secret = runtime.secrets.open(app.gateway_webhook_secret or "")
        return Prepared(settings, app.id, api_key, secret, paid)
    finally:
        await runtime.close()


def _first(tx: Transaction, charge_id: str) -> Rows:
    charge = tx.one(CHARGE, id=charge_id)
    invoice = tx.one(INVOICE, id=charge.invoice_id) if charge else None
    if charge is None or invoice is None:
        raise LookupError(f"no charge {charge_id}")
    subscription = tx.one(SUBSCRIPTION, id=invoice.subscription_id)
    customer = tx.one(CUSTOMER, id=invoice.customer_id)
    code = tx.one(BY_REFERENCE, reference=charge.reference)
    if subscription is None or customer is None or code is None:
        raise LookupError(f"charge {charge_id} hangs on rows that are not there")
    return Rows(customer, subscription, invoice, charge, code)


def _copy(tx: Transaction, app: App, first: Rows, places: range, begun: datetime) -> list[Paid]:
    # An instant each, a millisecond apart: ids of one instant have no order, and indexes of ids
    # without order cost many times what they cost in life.
    copies = [
        _one_more(tx, app, first, place, begun + timedelta(milliseconds=place)) for place in places
    ]
    for kind in range(len(first)):
        add_all(tx, [rows[kind] for rows in copies])
    return [_paid(rows) for rows in copies]


def _one_more(tx: Transaction, app: App, first: Rows, place: int, now: datetime) -> Rows:
    customer = replace(first.customer, id=new_id("cus", now), reference=f"tenant-{place}")
    subscription = replace(
        first.subscription,
        id=new_id("sub", now),
        customer_id=customer.id,
        pay_token=new_token(),
    )
    invoice = replace(
        first.invoice,
        id=new_id("inv", now),
        customer_id=customer.id,
        subscription_id=subscription.id,
        number=next_numbers(tx, app, first.invoice.issued_on, 1)[0],
        pay_token=new_token(),
    )
    reference = new_id("sim", now)
    qr_string = payload(reference, first.code.total_payment)
    charge = replace(
        first.charge,
        id=new_id("chg", now),
        invoice_id=invoice.id,
        reference=reference,
        qr_string=qr_string,
    )
    code = replace(first.code, reference=reference, order_id=charge.id, qr_string=qr_string)
    return Rows(customer, subscription, invoice, charge, code)


def _paid(rows: Rows) -> Paid:
    return Paid(rows.charge.id, rows.code.reference, rows.invoice.id)

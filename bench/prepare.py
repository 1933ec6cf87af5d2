"""Prepare the database: an app, and many subscriptions that wait for money already at the gateway.

The first is made by the service's own actions and the rest are copies of its rows, so that they
stay valid whatever columns come.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from bench.stencil import sink_of
from bench.unsettled import Copier, Rows
from payment_service.actions.add_plan import NewPlan, add_plan
from payment_service.actions.open_charge import open_charge
from payment_service.actions.register_app import Registration, register_app
from payment_service.actions.set_request_rate import HIGHEST, set_request_rate
from payment_service.actions.subscribe import Subscriber, subscribe
from payment_service.config import Settings, open_runtime
from payment_service.kit.database import sqlite_path
from payment_service.kit.statements import Transaction
from payment_service.model.app import App
from payment_service.model.audit import By
from payment_service.model.charge import CHARGE
from payment_service.model.customer import CUSTOMER
from payment_service.model.invoice import INVOICE
from payment_service.model.subscription import SUBSCRIPTION
from payment_service.outside.simulator.codes import BY_REFERENCE, complete

PLAN = "bulanan"
CHUNK = 5_000
HOW_MANY = "SELECT count(*) FROM charges WHERE status = 'open'"
UNSETTLED = "SELECT id, reference, invoice_id FROM charges WHERE status = 'open' ORDER BY id"
Progress = Callable[[int], None]
"""Told how many subscriptions stand there."""


class Paid(NamedTuple):
    """A charge that the gateway calls completed, and that nobody has settled."""

    charge_id: str
    reference: str
    invoice_id: str


class Prepared(NamedTuple):
    """What the load needs to know. `first` is what others are copies of, `subscriptions` how
    many there are, `paid` those of their charges that are to be settled."""

    settings: Settings
    app: App
    api_key: str
    notice_secret: str
    first: Rows
    subscriptions: int
    paid: list[Paid]

    @property
    def path(self) -> Path:
        """Of a SQLite file."""
        return Path(sqlite_path(self.settings.database_url))


async def prepare(settings: Settings, count: int, progress: Progress = lambda _: None) -> Prepared:
    """Fill a database that is empty or not there: `count` subscriptions, all to be settled."""
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
        secret = runtime.secrets.open(app.gateway_webhook_secret or "")
    finally:
        await runtime.close()
    prepared = Prepared(settings, app, api_key, secret, first, 1, [])
    return grow(prepared, count, count, progress)


def grow(prepared: Prepared, count: int, to_settle: int, progress: Progress) -> Prepared:
    """More copies, until there are `count`. So many that nobody has settled are chosen evenly among
    all of them, in the order in which they were issued."""
    sink = sink_of(prepared.settings.database_url)
    copier = Copier(prepared.app, prepared.first, sink)
    begun = prepared.first.customer.created_at - timedelta(milliseconds=count)
    try:
        for start in range(prepared.subscriptions, count, CHUNK):
            places = range(start, min(count, start + CHUNK))
            sink.write(partial(copier.copy, places, begun))
            progress(places.stop)
        ((unsettled,),) = sink.rows(HOW_MANY)
        every = max(1, unsettled // to_settle)
        paid = [Paid(*row) for row in islice(sink.rows(UNSETTLED), 0, every * to_settle, every)]
    finally:
        sink.close()
    return prepared._replace(subscriptions=count, paid=paid)


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

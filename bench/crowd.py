"""A crowd: one paid subscription made by the service's own actions, and as many copies as asked."""

from datetime import date, datetime, timedelta
from typing import NamedTuple, TypeVar

from bench.copies import Copier, Rows
from bench.standing import Expected, expected_of, standings
from bench.stencil import Sink, sink_of
from payment_service.actions.add_plan import NewPlan, add_plan
from payment_service.actions.open_charge import open_charge
from payment_service.actions.register_app import Registration, register_app
from payment_service.actions.set_request_rate import HIGHEST, set_request_rate
from payment_service.actions.subscribe import Subscriber, subscribe
from payment_service.books.settle import settle
from payment_service.config import Settings, open_runtime
from payment_service.kit.calendar import local_date
from payment_service.kit.statements import Transaction
from payment_service.model.audit import By
from payment_service.model.charge import CHARGE
from payment_service.model.customer import CUSTOMER
from payment_service.model.invoice import INVOICE
from payment_service.model.subscription import SUBSCRIPTION
from payment_service.outside.simulator.codes import BY_REFERENCE, complete
from payment_service.outside.simulator.gateway import said_of
from payment_service.runtime import Runtime

PLAN = "bulanan"
T = TypeVar("T")


class Crowd(NamedTuple):
    """What a run and a load need to know. `day` is the local date of the first run."""

    app_id: str
    api_key: str
    day: date
    subscriptions: int
    expected: Expected


async def prepare_crowd(settings: Settings, count: int, webhook_url: str) -> Crowd:
    """A migrated database with an app and `count` subscriptions, ready for tomorrow's run."""
    runtime = await open_runtime(settings)
    sink = sink_of(settings.database_url)
    try:
        return await _prepare(runtime, sink, count, webhook_url)
    finally:
        sink.close()
        await runtime.close()


async def _prepare(runtime: Runtime, sink: Sink, count: int, webhook_url: str) -> Crowd:
    db, now = runtime.db, runtime.clock.now()
    wanted = Registration(name="Bengkel", mode="test", webhook_url=webhook_url)
    app, _, api_key, *_ = await db.write(
        register_app, wanted, runtime.secrets, runtime.targets, now
    )
    app = await db.write(set_request_rate, app.id, HIGHEST, By("bench", "measuring", now))
    plan = await db.write(add_plan, app.id, NewPlan(PLAN, "Bulanan", 99_000, 1), now)
    tenant = Subscriber("tenant", name="Bengkel Jaya")
    made = await db.write(subscribe, app, runtime.links, tenant, PLAN, None, {}, now)
    invoice = found(made.resource.open_invoice)
    charge = (await open_charge(runtime, app.id, invoice.id)).charge
    await db.write(complete, charge.reference or "", runtime.clock.now())
    first = await db.write(_settled, runtime, charge.id, runtime.clock.now())
    day = local_date(now, app.zone) + timedelta(days=1)
    copies = standings(count - 1)
    Copier(app, plan, first, day, sink).fill(copies)
    return Crowd(app.id, api_key, day, count, expected_of(copies))


def _settled(tx: Transaction, runtime: Runtime, charge_id: str, now: datetime) -> Rows:
    charge = found(tx.one(CHARGE, id=charge_id))
    code = found(tx.one(BY_REFERENCE, reference=charge.reference))
    payment = settle(tx, runtime.links, charge_id, said_of(code), now)
    invoice = found(tx.one(INVOICE, id=payment.invoice_id))
    return Rows(
        found(tx.one(CUSTOMER, id=invoice.customer_id)),
        found(tx.one(SUBSCRIPTION, id=invoice.subscription_id)),
        invoice,
        found(tx.one(CHARGE, id=charge_id)),
        payment,
    )


def found(row: T | None) -> T:
    """What was stored a moment ago."""
    if row is None:
        raise LookupError("what was stored is not there")
    return row

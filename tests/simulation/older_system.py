"""What an older system hands over: a subscription, its history, and a code still to be paid."""

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import select

from payment_service.actions.import_subscriptions import import_subscriptions
from payment_service.kit.calendar import local_date
from payment_service.kit.statements import param, value
from payment_service.model.audit import By
from payment_service.model.charge import charges
from payment_service.model.import_line import Line, OldCode, OpenInvoice, PaidInvoice, Row
from payment_service.model.invoice import invoices
from payment_service.outside.simulator.codes import open_code
from tests.simulation.world import World

CHARGE_OF_ORDER = value(select(charges.c.id).where(charges.c.order_id == param("order")), str)
SUBSCRIPTION_OF_ORDER = value(
    select(invoices.c.subscription_id)
    .join(charges, charges.c.invoice_id == invoices.c.id)
    .where(charges.c.order_id == param("order")),
    str,
)


class Brought(NamedTuple):
    subscription_id: str
    charge_id: str


async def import_one(
    world: World, reference: str, number: int, days: int, by: By
) -> Brought | None:
    """Paid through so many days from today; None where the customer has a subscription."""
    now = world.clock.now()
    app = await world.app()
    order = f"old-{number}"
    code = await open_code(world.db, world.app_id, order, 99_000, now)
    through = local_date(now, app.zone) + timedelta(days=days)
    history = PaidInvoice(
        number=f"lama-{number}",
        amount=99_000,
        paid_on=through - timedelta(days=60),
        period_start=through - timedelta(days=29),
        period_end=through,
        order_id=f"older-{number}",
    )
    owed = OpenInvoice(
        amount=99_000,
        codes=(
            OldCode(
                order_id=order, transaction_id=code.reference, made_at=now,
                expires_at=code.expires_at, qr=code.qr_string, total=code.total_payment,
            ),
        ),
    )  # fmt: skip
    row = Row(
        reference=reference,
        plan="bulanan",
        paid_through=through,
        open_invoice=owed,
        paid_invoices=(history,),
    )
    imported = await import_subscriptions(world.runtime, world.app_id, [Line(1, row)], by=by)
    if imported.flaws:
        world.refused[f"import: {imported.flaws[0].field}"] += 1
        return None
    charge_id = await world.db.read(lambda tx: tx.one(CHARGE_OF_ORDER, order=order))
    subscription_id = await world.db.read(lambda tx: tx.one(SUBSCRIPTION_OF_ORDER, order=order))
    assert charge_id is not None
    assert subscription_id is not None
    return Brought(subscription_id, charge_id)

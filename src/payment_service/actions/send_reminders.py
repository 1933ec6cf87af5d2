"""Send reminders: tell apps of invoices that are still open, once for each day agreed on."""

from datetime import datetime

import msgspec

from payment_service.kit.calendar import local_date
from payment_service.kit.pace import Pace, timed
from payment_service.kit.statements import Transaction, save
from payment_service.model.app import App
from payment_service.model.customer import CUSTOMER
from payment_service.model.invoice import Invoice
from payment_service.model.reminder import (
    INVOICES_TO_REMIND,
    SOMEBODY_TO_REMIND,
    last_reminder_day,
    newest_due,
    next_reminder,
    reminder_at,
)
from payment_service.model.subscription import SUBSCRIPTION, is_held
from payment_service.outbox import News, announce
from payment_service.resources import Links, reminder_resource
from payment_service.runtime import Runtime, now_of


async def send_reminders(runtime: Runtime, app: App) -> int:
    """Announce the app's reminders that are due; how many. Nobody's phone rings at one: they go
    out from the app's `reminder_time` on."""
    sent, pace = 0, Pace(32, most=200)
    while await runtime.db.read(_somebody, app, now_of(runtime, app)):
        (looked_at, told), seconds = await runtime.db.write_between(
            timed, _remind, app, runtime.links, pace.size, now_of(runtime, app)
        )
        if not looked_at:  # another process has those that are left
            break
        sent += told
        pace.took(seconds)
    return sent


def _somebody(tx: Transaction, app: App, now: datetime) -> bool:
    day = last_reminder_day(app, now)
    return tx.one(SOMEBODY_TO_REMIND, app_id=app.id, day=day) is not None


def _remind(tx: Transaction, app: App, links: Links, limit: int, now: datetime) -> tuple[int, int]:
    wanted = {"app_id": app.id, "day": last_reminder_day(app, now), "limit": limit}
    news = []
    found = tx.all(INVOICES_TO_REMIND, **wanted)
    for invoice in found:
        told = _tell(tx, app, links, invoice, now)
        if told is not None:
            news.append(told)
    if news:
        announce(tx, app.id, news, now)
    return len(found), len(news)


def _tell(tx: Transaction, app: App, links: Links, invoice: Invoice, now: datetime) -> News | None:
    """The newest reminder that is due; those before it were missed and stay unsent."""
    offsets, told = invoice.schedule.reminder_days, invoice.reminded
    newest = newest_due(app, offsets, invoice.due_on, now, told)
    after = now if newest is None else reminder_at(app, invoice.due_on, newest)
    if newest is not None:
        told = (*told, newest)
    save(
        tx,
        invoice,
        msgspec.structs.replace(
            invoice,
            reminded=told,
            remind_on=next_reminder(app, offsets, invoice.due_on, after, told),
        ),
    )
    customer = tx.one(CUSTOMER, id=invoice.customer_id)
    if newest is None or customer is None or _is_held(tx, invoice):
        return None
    today = local_date(now, app.zone)
    return News(
        "invoice.reminder", invoice.id, reminder_resource(invoice, customer, newest, today, links)
    )


def _is_held(tx: Transaction, invoice: Invoice) -> bool:
    """Who was locked out by a person is not asked for money by a machine."""
    if invoice.subscription_id is None:
        return False
    subscription = tx.one(SUBSCRIPTION, id=invoice.subscription_id)
    return subscription is not None and is_held(subscription)

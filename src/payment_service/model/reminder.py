"""Reminders: on which local days an invoice that is still open is told of again."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from sqlalchemy import select

from payment_service.kit.calendar import local_date, zone_info
from payment_service.kit.schema import Number
from payment_service.kit.statements import param, query, rows_of, value
from payment_service.model.app import App
from payment_service.model.invoice import Invoice, invoices

_due = (
    invoices.c.app_id == param("app_id"),
    invoices.c.status == "open",
    invoices.c.remind_on <= param("day"),
)
INVOICES_TO_REMIND = query(
    rows_of(Invoice)
    .where(*_due)
    .order_by(invoices.c.remind_on, invoices.c.id)
    .limit(param("limit", Number))
    # Without their customers: nothing is waited for while these are held, so nothing can deadlock.
    .with_for_update(skip_locked=True),
    Invoice,
)
NEXT_REMINDER_DAY = value(
    select(invoices.c.remind_on)
    .where(
        invoices.c.app_id == param("app_id"),
        invoices.c.status == "open",
        invoices.c.remind_on.is_not(None),
    )
    .order_by(invoices.c.remind_on)
    .limit(1),
    date,
)
SOMEBODY_TO_REMIND = value(select(invoices.c.id).where(*_due).limit(1), str)


def last_reminder_day(app: App, now: datetime) -> date:
    """The latest local day whose reminders may go out: today from the app's time on."""
    local = now.astimezone(zone_info(app.zone))
    has_come = local.time() >= time.fromisoformat(app.reminder_time)
    return local_date(now, app.zone) - timedelta(days=0 if has_come else 1)


def reminder_at(app: App, due_on: date, offset: int) -> datetime:
    """The instant from which the reminder `offset` days from the due date may go out."""
    return _instant(due_on + timedelta(days=offset), app.reminder_time, app.zone)


@lru_cache(maxsize=256)
def _instant(day: date, at: str, zone: str) -> datetime:
    """Many invoices of a run are due on one day."""
    return datetime.combine(day, time.fromisoformat(at), zone_info(zone))


def next_reminder(
    app: App, offsets: Collection[int], due_on: date, after: datetime, told: Collection[int] = ()
) -> date | None:
    """The local day of the first reminder later than an instant, None when none is left.

    At the issue `after` is now, so that what lies before the issue is skipped; later it is the
    reminder that went out last. An offset that was told is never told again, wherever the due
    date has moved.
    """
    left = tuple(offset for offset in offsets if offset not in told)
    return _next(left, due_on, after, app.reminder_time, app.zone)


@lru_cache(maxsize=64)
def _next(
    offsets: tuple[int, ...], due_on: date, after: datetime, at: str, zone: str
) -> date | None:
    days = [due_on + timedelta(days=offset) for offset in offsets]
    return min((day for day in days if _instant(day, at, zone) > after), default=None)


def newest_due(
    app: App, offsets: Collection[int], due_on: date, now: datetime, told: Collection[int]
) -> int | None:
    """Which reminder to send now: after days without a run only the newest of those missed."""
    due = [offset for offset in offsets if reminder_at(app, due_on, offset) <= now]
    newest = max(due, default=None)
    return None if newest in told else newest

"""Reminders: on which local days an invoice that is still open is told of again."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from payment_service.kit.calendar import zone_info
from payment_service.model.app import App


def reminder_at(app: App, due_on: date, offset: int) -> datetime:
    """The instant from which the reminder `offset` days from the due date may go out."""
    day = due_on + timedelta(days=offset)
    return datetime.combine(day, time.fromisoformat(app.reminder_time), zone_info(app.zone))


def next_reminder(
    app: App, offsets: Collection[int], due_on: date, after: datetime, told: Collection[int] = ()
) -> date | None:
    """The local day of the first reminder later than an instant, None when none is left.

    At the issue `after` is now, so that what lies before the issue is skipped; later it is the
    reminder that went out last. An offset that was told is never told again, wherever the due
    date has moved.
    """
    days = [
        due_on + timedelta(days=offset)
        for offset in offsets
        if offset not in told and reminder_at(app, due_on, offset) > after
    ]
    return min(days, default=None)


def newest_due(
    app: App, offsets: Collection[int], due_on: date, now: datetime, told: Collection[int]
) -> int | None:
    """Which reminder to send now: after days without a run only the newest of those missed."""
    due = [offset for offset in offsets if reminder_at(app, due_on, offset) <= now]
    newest = max(due, default=None)
    return None if newest in told else newest

"""Set an app's billing: its zone, its grace, and when it issues, reminds and gives up."""

import re
from datetime import datetime
from typing import Any

import msgspec

from payment_service.kit.calendar import ZONES
from payment_service.kit.errors import Conflict, Invalid
from payment_service.kit.statements import Transaction, save
from payment_service.model.app import App, app_by_id
from payment_service.model.audit import By, record
from payment_service.model.subscription import A_SUBSCRIPTION

NEVER = 0
"""As `cancel_after_days`: a suspended subscription is never canceled by itself."""


class BillingChange(msgspec.Struct, frozen=True):
    """What is to be different; None leaves it as it is. `reminder_days` count from the due date."""

    zone: str | None = None
    grace_days: int | None = None
    renewal_lead_days: int | None = None
    pending_timeout_hours: int | None = None
    cancel_after_days: int | None = None
    reminder_days: tuple[int, ...] | None = None
    reminder_time: str | None = None


LIMITS = {
    "grace_days": (0, 90),
    "renewal_lead_days": (0, 60),
    "pending_timeout_hours": (1, 720),
    "cancel_after_days": (0, 365),
}


def set_billing(tx: Transaction, app_id: str, change: BillingChange, by: By) -> App:
    """What is open keeps the schedule it was issued with. Raises NotFound; Invalid with the one
    thing to mend; Conflict for another zone once somebody has subscribed."""
    app = app_by_id(tx, app_id)
    _check(change)
    wanted: dict[str, Any] = {
        name: value for name, value in msgspec.structs.asdict(change).items() if value is not None
    }
    if "reminder_days" in wanted:
        wanted["reminder_days"] = tuple(sorted(set(wanted["reminder_days"])))
    if wanted.get("cancel_after_days") == NEVER:
        wanted["cancel_after_days"] = None
    if wanted.get("zone", app.zone) != app.zone and _has_subscriptions(tx, app_id):
        raise Conflict(
            "zone_is_fixed",
            f"This app has subscriptions, whose days are counted in {app.zone}; its zone stays.",
        )
    before = {name: getattr(app, name) for name in wanted}
    record(tx, by, app_id, "app.set", app_id, before=before, after=wanted)
    return save(tx, app, msgspec.structs.replace(app, **wanted))


def _check(change: BillingChange) -> None:
    if change.zone is not None and change.zone not in ZONES:
        raise Invalid("unknown_zone", f"The zone is one of {', '.join(ZONES)}.")
    for name, (least, most) in LIMITS.items():
        value = getattr(change, name)
        if value is not None and not least <= value <= most:
            raise Invalid("billing_setting", f"{name} is {least} to {most}, not {value}.")
    days = change.reminder_days
    if days is not None and (len(days) > 10 or any(not -60 <= day <= 60 for day in days)):
        raise Invalid("reminder_days", "Give at most 10 days, each -60 to 60 from the due date.")
    if change.reminder_time is not None and not _is_hour(change.reminder_time):
        raise Invalid("reminder_time", "The time of reminders is local, like 09:00.")


def _is_hour(written: str) -> bool:
    try:
        datetime.strptime(written, "%H:%M")  # noqa: DTZ007 - an hour of no day
    except ValueError:
        return False
    return re.fullmatch(r"\d\d:\d\d", written) is not None


def _has_subscriptions(tx: Transaction, app_id: str) -> bool:
    return tx.one(A_SUBSCRIPTION, app_id=app_id) is not None

"""Verifying a charge: when the gateway is asked about it, and by which process.

Four instants on the charge say it all, and each event moves them together:

    event                        noticed_at  checked_at  lease_until  check_at
    code shown or handed out                                          in 2 min, if later
    claimed by a process                     now         in 15 s      in 15 s
    notice, and claimed          now         now         in 15 s      in 15 s
    notice, not to be claimed    now                                  after lease and 4 s
    asked to cancel the code                                          in 4 s, if later
    gateway: pending, canceled                           none         `next_check`
    no answer                                            none         `after_failure`
    settled                                              none         none

`check_at` is when the worker takes it up: a process that dies leaves it to the lease's end. It is
never before the end of a lease nor within 4 s of the last call, so that what is due may be asked
about. A paid charge has none, unless a notice says that its money was taken back.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import func, or_, select, true, update

from payment_service.kit.schema import Flag, Number
from payment_service.kit.statements import Transaction, command, param, query, rows_of, value
from payment_service.model.app import App, apps
from payment_service.model.charge import CHARGE_LOCKED, Charge, charges
from payment_service.model.notice import notices

CALL_GAP = timedelta(seconds=4)
"""The gateway answers for one transaction at most once in this time."""
AFTER_NOTICE = (4, 15, 60, 300)
"""Seconds after a notice at which the gateway is asked again while it still says pending: some
tell us before their own status knows."""
LEASE = timedelta(seconds=15)
"""How long one process may be asking; the call itself ends within 12 s."""
BACKOFF = (4, 15, 60, *[300] * 12, 3600)
"""Seconds to wait after the first, second … call in a row that gave no answer; then hourly."""
CLOSE_LOOKS = timedelta(minutes=30)
"""How long after it was last shown a code is looked at every two minutes."""

APPS_WITH_DUE_CHARGES = query(
    rows_of(App)
    .where(
        apps.c.clock_offset == 0,
        # Not EXISTS: PostgreSQL may make a join of it, and hash the whole backlog.
        select(charges.c.id)
        .where(charges.c.app_id == apps.c.id, charges.c.check_at <= param("now"))
        .order_by(charges.c.check_at)
        .limit(1)
        .scalar_subquery()
        .is_not(None),
    )
    .order_by(apps.c.id),
    App,
)
"""Of those that live in the machine's time."""
NEXT_CHECK_OF_APP = value(
    select(charges.c.check_at)
    .where(charges.c.app_id == param("app_id"), charges.c.check_at.is_not(None))
    .order_by(charges.c.check_at)
    .limit(1),
    datetime,
)
DUE_CHARGES_OF_APP = query(
    # No more conditions: with them PostgreSQL guesses that few rows are left, and sorts them all.
    rows_of(Charge)
    .where(charges.c.app_id == param("app_id"), charges.c.check_at <= param("now"))
    .order_by(charges.c.check_at)
    .limit(param("most", Number))
    .with_for_update(skip_locked=True),
    Charge,
)
_is_free = or_(charges.c.lease_until.is_(None), charges.c.lease_until <= param("now"))
_is_rested = or_(charges.c.checked_at.is_(None), charges.c.checked_at <= param("last_call"))
_leased: dict[str, Any] = {
    "lease_until": param("lease_until"),
    "checked_at": param("now"),
    "check_at": param("lease_until"),
    "version": charges.c.version + 1,
}
LEASE_CHARGE = command(update(charges).where(charges.c.id == param("id")).values(_leased))
_may_claim = update(charges).where(charges.c.id == param("id"), _is_free, _is_rested)
CLAIM_CHARGE = command(_may_claim.where(charges.c.status != "paid").values(_leased))
_noticed: dict[str, Any] = {
    "noticed_at": param("now"),
    "reference": func.coalesce(charges.c.reference, param("reference")),
    "failed_checks": 0,
}
_wanted = or_(charges.c.status != "paid", param("even_paid", Flag) == true())
CLAIM_NOTICED_CHARGE = command(_may_claim.where(_wanted).values({**_leased, **_noticed}))
NOTICE_CHARGE = command(
    update(charges)
    .where(charges.c.id == param("id"))
    .values({**_noticed, "check_at": param("check_at"), "version": charges.c.version + 1})
)

NOTICE_SAYS_SANDBOX = value(
    select(notices.c.says_sandbox).where(notices.c.charge_id == param("charge_id")), bool
)


def claim_due(tx: Transaction, room: Mapping[str, int], now: datetime) -> list[Charge]:
    """Take the charges whose time has come, the oldest of each app; `room` is how many, by app.

    Each app has its own room, so that a silent gateway holds up nobody else's payments.
    """
    claimed: list[Charge] = []
    for app_id, most in room.items():
        due = tx.all(DUE_CHARGES_OF_APP, app_id=app_id, most=most, now=now)
        claimed += [_as_leased(charge, now) for charge in due if _may_ask_at(charge, now) <= now]
    if claimed:
        lease = {"now": now, "lease_until": now + LEASE}
        tx.run_all(LEASE_CHARGE, [{"id": charge.id, **lease} for charge in claimed])
    return claimed


def claim(tx: Transaction, charge_id: str, now: datetime) -> bool:
    """Take the right to ask the gateway about this charge, for the length of the lease.

    False when another process is asking, the gateway was asked less than 4 s ago, or it is paid.
    """
    return tx.run(CLAIM_CHARGE, id=charge_id, **_lease(now)) == 1


def claim_noticed(
    tx: Transaction,
    charge_id: str,
    reference: str | None,
    now: datetime,
    *,
    even_paid: bool = True,
) -> bool:
    """The same for a charge that a notice named; `even_paid` when it says that money went back.

    Where it cannot be had yet, the charge falls due as soon as the gateway may be asked again.
    `reference` is believed only while the gateway's own answer has not been stored: a notice can
    outrun the answer to the call that made the code.
    """
    told = {"id": charge_id, "reference": reference}
    if tx.run(CLAIM_NOTICED_CHARGE, **told, **_lease(now), even_paid=even_paid) == 1:
        return True
    charge = tx.one(CHARGE_LOCKED, id=charge_id)
    if charge is not None and (even_paid or charge.status != "paid"):
        tx.run(NOTICE_CHARGE, **told, now=now, check_at=_may_ask_at(charge, now))
    return False


def _lease(now: datetime) -> dict[str, datetime]:
    return {"now": now, "last_call": now - CALL_GAP, "lease_until": now + LEASE}


def _may_ask_at(charge: Charge, now: datetime) -> datetime:
    """The first instant, from `now` on, at which nobody asks and the gateway would answer."""
    return max(_rested(charge, now), charge.lease_until or now)


def _rested(charge: Charge, at: datetime) -> datetime:
    return max(at, charge.checked_at + CALL_GAP) if charge.checked_at else at


def _as_leased(charge: Charge, now: datetime) -> Charge:
    until = now + LEASE
    return msgspec.structs.replace(
        charge, lease_until=until, checked_at=now, check_at=until, version=charge.version + 1
    )


def next_check(charge: Charge, now: datetime) -> datetime | None:
    """When to ask the gateway again after an answer; None when there is nothing to hope for.

    Soon after a notice; else by the sweep's times. A notice that came while a call was under way
    is answered by the next call: that one's answer may be older than the money.
    """
    times = [at for at in (_sweep_time(charge, now), _after_notice(charge, now)) if at]
    return _rested(charge, min(times)) if times else None


def _after_notice(charge: Charge, now: datetime) -> datetime | None:
    noticed, checked = charge.noticed_at, charge.checked_at
    if noticed is None:
        return None
    if checked is not None and noticed > checked:
        return checked + CALL_GAP
    if charge.status == "paid":
        return None
    times = (noticed + timedelta(seconds=seconds) for seconds in AFTER_NOTICE)
    return min((at for at in times if at > now), default=None)


def _sweep_time(charge: Charge, now: datetime) -> datetime | None:
    """Every 2 minutes for half an hour after the code was shown or handed out, every 10 minutes
    while it lives, at its end, 5 minutes and 1 hour later, then daily for 7 days."""
    end = charge.expires_at
    if charge.status in ("paid", "failed") or end is None:
        return None
    times = [end, end + timedelta(minutes=5), end + timedelta(hours=1)]
    times += [end + timedelta(days=days) for days in range(1, 8)]
    if charge.status == "canceled":
        if not charge.cancel_tries:
            return None
        # Canceled because we asked: a payer may have been quicker than the gateway's word.
        return min((at for at in times if at > now), default=None)
    # From call to call, not from answer to call: slow answers must not stretch the two minutes.
    asked = max(charge.checked_at or now, now - LEASE)
    shown = charge.shown_at is not None and asked < charge.shown_at + CLOSE_LOOKS
    if shown or now < end:
        times.append(asked + timedelta(minutes=2 if shown else 10))
    return min((at for at in times if at > now), default=None)


def after_failure(charge: Charge, now: datetime, wait: float | None = None) -> datetime:
    """When to ask again after a call that gave no answer; `wait` are the seconds that the gateway
    asked for, of which an hour at most is given."""
    step = min(charge.failed_checks, len(BACKOFF) - 1)
    later = now + timedelta(seconds=BACKOFF[step])
    soon = min(later, _after_notice(charge, now) or later)
    return _rested(charge, max(soon, now + timedelta(seconds=min(wait or 0, BACKOFF[-1]))))

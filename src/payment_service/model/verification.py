"""Verifying a charge: when the gateway is asked about it, and by which process.

Four instants on the charge say it all, and each event moves them together:

    event                        noticed_at  checked_at  lease_until  check_at
    code shown or handed out                                          in 2 min, if later
    claimed by a process                     now         in 15 s      in 15 s
    notice, and claimed          now         now         in 15 s      in 15 s
    notice, not to be claimed    now                                  4 s after checked_at
    gateway: pending, canceled                           none         `next_check`
    no answer                                            none         `after_failure`
    settled                                              none         none

`check_at` is when the worker takes it up: a process that dies leaves it to the lease's end.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update

from payment_service.kit.schema import Number
from payment_service.kit.statements import Transaction, command, param, query, rows_of
from payment_service.model.charge import CHARGE, Charge, charges

CALL_GAP = timedelta(seconds=4)
"""The gateway answers for one transaction at most once in this time."""
AFTER_NOTICE = (4, 15, 60, 300)
"""Seconds after a notice at which the gateway is asked again while it still says pending: some
tell us before their own status knows."""
LEASE = timedelta(seconds=15)
"""How long one process may be asking; the call itself ends within 10 s."""
BACKOFF = (4, 15, 60, *[300] * 12, 3600)
"""Seconds to wait after the first, second … call in a row that gave no answer; then hourly."""

_due = (
    select(
        charges.c.id,
        func.row_number()
        .over(partition_by=charges.c.app_id, order_by=charges.c.check_at)
        .label("place"),
    )
    .where(
        charges.c.check_at <= param("now"),
        or_(charges.c.lease_until.is_(None), charges.c.lease_until <= param("now")),
    )
    .subquery()
)
DUE_CHARGES = query(
    rows_of(Charge)
    .where(charges.c.id.in_(select(_due.c.id).where(_due.c.place <= param("each", Number))))
    .order_by(charges.c.check_at),
    Charge,
)
"""Those whose time has come, at most `each` of an app: one silent gateway holds up nobody else."""
_free = or_(charges.c.lease_until.is_(None), charges.c.lease_until <= param("now"))
_rested = or_(charges.c.checked_at.is_(None), charges.c.checked_at <= param("last_call"))
_claim = (
    update(charges)
    .where(charges.c.id == param("id"), charges.c.status != "paid", _free, _rested)
    .values(
        lease_until=param("lease_until"),
        checked_at=param("now"),
        check_at=param("lease_until"),
        version=charges.c.version + 1,
    )
)
CLAIM_CHARGE = command(_claim)
CLAIM_NOTICED_CHARGE = command(
    _claim.values(
        noticed_at=param("now"),
        reference=func.coalesce(charges.c.reference, param("reference")),
        failed_checks=0,
    )
)
NOTICE_CHARGE = command(
    update(charges)
    .where(charges.c.id == param("id"), charges.c.status != "paid")
    .values(
        noticed_at=param("now"),
        reference=func.coalesce(charges.c.reference, param("reference")),
        check_at=param("check_at"),
        failed_checks=0,
        version=charges.c.version + 1,
    )
)


def claim(tx: Transaction, charge_id: str, now: datetime) -> bool:
    """Take the right to ask the gateway about this charge, for the length of the lease.

    False when another process is asking, the gateway was asked less than 4 s ago, or it is paid.
    """
    return tx.run(CLAIM_CHARGE, id=charge_id, **_lease(now)) == 1


def claim_noticed(tx: Transaction, charge_id: str, reference: str | None, now: datetime) -> bool:
    """The same for a charge that a notice named.

    Where it cannot be had yet, the charge falls due as soon as the gateway may be asked again.
    `reference` is believed only while the gateway's own answer has not been stored: a notice can
    outrun the answer to the call that made the code.
    """
    lease = _lease(now)
    if tx.run(CLAIM_NOTICED_CHARGE, id=charge_id, reference=reference, **lease) == 1:
        return True
    charge = tx.one(CHARGE, id=charge_id)
    if charge is not None and charge.checked_at is not None:
        soon = charge.checked_at + CALL_GAP
        tx.run(NOTICE_CHARGE, id=charge_id, reference=reference, now=now, check_at=soon)
    return False


def _lease(now: datetime) -> dict[str, datetime]:
    return {"now": now, "last_call": now - CALL_GAP, "lease_until": now + LEASE}


def next_check(charge: Charge, now: datetime) -> datetime | None:
    """When to ask the gateway again; None when there is nothing to hope for.

    Soon after a notice; else by the sweep's times. A notice that came while a call was under way
    is answered by the next call: that one's answer may be older than the money.
    """
    times = [at for at in (_sweep_time(charge, now), _after_notice(charge, now)) if at]
    return min(times, default=None)


def _after_notice(charge: Charge, now: datetime) -> datetime | None:
    noticed, checked = charge.noticed_at, charge.checked_at
    if noticed is None or charge.status == "paid":
        return None
    if checked is not None and noticed > checked:
        return checked + CALL_GAP
    times = (noticed + timedelta(seconds=seconds) for seconds in AFTER_NOTICE)
    return min((at for at in times if at > now), default=None)


def _sweep_time(charge: Charge, now: datetime) -> datetime | None:
    """Every 2 minutes for half an hour after the code was shown or handed out, every 10 minutes
    while it lives, at its end, 5 minutes and 1 hour later, then daily for 7 days."""
    if charge.status in ("paid", "failed", "canceled") or charge.expires_at is None:
        return None
    end = charge.expires_at
    looked_at = charge.shown_at is not None and now < charge.shown_at + timedelta(minutes=30)
    gap = timedelta(minutes=2 if looked_at else 10)
    if now < end:
        return min(now + gap, end)
    after = [end + timedelta(minutes=5), end + timedelta(hours=1)]
    after += [end + timedelta(days=days) for days in range(1, 8)]
    if looked_at:
        after.insert(0, now + gap)
    return min((at for at in after if at > now), default=None)


def after_failure(charge: Charge, now: datetime) -> datetime:
    """When to ask again after a call that gave no answer."""
    step = min(charge.failed_checks, len(BACKOFF) - 1)
    later = now + timedelta(seconds=BACKOFF[step])
    return min(later, _after_notice(charge, now) or later)

"""What our books say of a charge, and how that compares with what the gateway says of it."""

from datetime import datetime

from sqlalchemy import Text, and_, func, or_, select, update

from payment_service.kit.money import rupiah
from payment_service.kit.statements import Record, Transaction, command, param, query, value
from payment_service.model.charge import CHARGE, charges
from payment_service.model.money_check import Difference, Discrepancy
from payment_service.model.payment import payments
from payment_service.model.verification import CALL_GAP

PAGE = 500


class Booked(Record, frozen=True):
    """What our books say of one charge: `amount` was asked for, `paid` came, in rupiah.

    `payment_id` and `paid` are None without a payment; a payment that came without a charge has
    no `charge_id`, `order_id`, `status`, `amount`. `order_id` is what the gateway calls the charge.
    """

    charge_id: str | None
    order_id: str | None
    gateway: str
    reference: str | None
    status: str | None
    amount: int | None
    gateway_fee: int | None
    total_payment: int | None
    payment_id: str | None
    paid: int | None


_order = func.coalesce(charges.c.order_id, charges.c.id).label("order_id")
_of_charge = (
    charges.c.status,
    charges.c.amount,
    charges.c.gateway_fee,
    charges.c.total_payment,
    payments.c.id.label("payment_id"),
    payments.c.amount.label("paid"),
)
_made_in_span = (
    # Said as an expression so that SQLite walks the span by primary key: by the index on app_id it
    # would read and sort all the charges that the app ever had, for each page.
    charges.c.app_id + "" == param("app_id", Text),
    charges.c.id > param("after"),
    charges.c.id < param("until"),
)
CHARGES_OF_SPAN = query(
    select(
        charges.c.id.label("charge_id"),
        _order,
        charges.c.gateway,
        charges.c.reference,
        *_of_charge,
    )
    .outerjoin(payments, and_(payments.c.charge_id == charges.c.id, payments.c.gateway != "manual"))
    .where(*_made_in_span)
    .order_by(charges.c.id)
    .limit(PAGE),
    Booked,
)
"""Those whose ids lie between the two, which is when they were made."""
COUNT_CHARGES = value(select(func.count()).select_from(charges).where(*_made_in_span), int)

_payment = select(
    payments.c.charge_id, _order, payments.c.gateway, payments.c.reference, *_of_charge
).outerjoin(charges, charges.c.id == payments.c.charge_id)
_at_gateway = (payments.c.app_id == param("app_id"), payments.c.gateway != "manual")
PAYMENTS_OF_SPAN = query(
    _payment.where(
        *_at_gateway,
        payments.c.id > param("after"),
        payments.c.paid_on.between(param("first_day"), param("last_day")),
    )
    .order_by(payments.c.id)
    .limit(PAGE),
    Booked,
)
"""No payment is booked before its day, so `after` is the smallest id of the first one."""
PAYMENT_OF_ORDER = query(_payment.where(*_at_gateway, charges.c.id == param("order_id")), Booked)
PAYMENT_OF_NAMED_ORDER = query(
    _payment.where(
        *_at_gateway,
        charges.c.app_id == param("app_id"),
        charges.c.order_id == param("order_id"),
    ),
    Booked,
)
PAYMENT_BY_REFERENCE = query(
    _payment.where(
        *_at_gateway,
        charges.c.app_id == param("app_id"),
        charges.c.reference == param("reference"),
    ),
    Booked,
)

TAKE_TURN = command(
    update(charges)
    .where(
        charges.c.id == param("key"),
        or_(charges.c.checked_at.is_(None), charges.c.checked_at <= param("last_call")),
    )
    .values(checked_at=param("now"), version=charges.c.version + 1)
)
MAKE_DUE = command(
    update(charges)
    .where(charges.c.id == param("key"), charges.c.status != "paid")
    .values(check_at=param("now"), version=charges.c.version + 1)
)


def take_turn(tx: Transaction, charge_id: str, now: datetime) -> float:
    """Seconds to wait; at 0 the turn is taken and the gateway may be asked, once.

    Whoever asks writes it down, so that no process asks twice in the gateway's four seconds.
    """
    if tx.run(TAKE_TURN, key=charge_id, now=now, last_call=now - CALL_GAP) == 1:
        return 0.0
    charge = tx.one(CHARGE, id=charge_id)
    if charge is None or charge.checked_at is None:
        raise LookupError(f"the charge {charge_id} is gone")
    return max((charge.checked_at + CALL_GAP - now).total_seconds(), 0.001)


def make_due(tx: Transaction, charge_id: str, now: datetime) -> bool:
    """Have the worker verify it at once; False when it has been paid meanwhile."""
    return tx.run(MAKE_DUE, key=charge_id, now=now) == 1


def payment_of(
    tx: Transaction, app_id: str, *, order_id: str | None, reference: str | None
) -> Booked | None:
    """The payment that a line of a settlement file names, by either."""
    found = None
    if order_id is not None:
        found = tx.one(PAYMENT_OF_ORDER, app_id=app_id, order_id=order_id) or tx.one(
            PAYMENT_OF_NAMED_ORDER, app_id=app_id, order_id=order_id
        )
    if found is None and reference is not None:
        found = tx.one(PAYMENT_BY_REFERENCE, app_id=app_id, reference=reference)
    return found


def gateway_difference(booked: Booked, said: str | None, amount: int | None) -> Discrepancy | None:
    """`said` is the gateway's status, None when it knows no such order; `amount` in rupiah."""
    if said is None:
        if booked.paid is not None:
            return _differs(booked, "unknown_at_gateway", None, "We booked a payment of it.")
        if booked.status == "open":
            return _differs(booked, "unknown_at_gateway", None, "Its code is open with us.")
        return None
    if said == "completed" and booked.paid is None:
        message = "Paid at the gateway; the worker verifies it at once."
        return _differs(booked, "not_booked", amount, message)
    if said != "completed" and booked.paid is not None:
        message = f"The gateway says {said}; we booked a payment."
        return _differs(booked, "not_completed", amount, message)
    if amount != _ours(booked):
        message = f"The gateway says {said}, over {rupiah(amount or 0)}."
        return _differs(booked, "amount_differs", amount, message)
    return None


def _ours(booked: Booked) -> int | None:
    return booked.amount if booked.paid is None else booked.paid


def _differs(
    booked: Booked, difference: Difference, theirs: int | None, message: str
) -> Discrepancy:
    return Discrepancy(
        difference=difference,
        charge_id=booked.charge_id,
        reference=booked.reference,
        ours=_ours(booked) if difference != "not_booked" else None,
        theirs=theirs,
        message=message,
    )

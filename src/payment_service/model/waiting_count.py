"""How many invoices wait for money, and how many payments for somebody: the few of a large table,
each counted up to a thousand."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import case, func, select

from payment_service.kit.schema import LocalDate, Number
from payment_service.kit.statements import Record, Transaction, param, query, value
from payment_service.model.invoice import invoices
from payment_service.model.payment import payments
from payment_service.model.review import reviews

MOST = 1000

_open = (
    select(invoices.c.due_on)
    .where(invoices.c.app_id == param("app_id"), invoices.c.status == "open")
    .limit(MOST)
    .subquery("open_ones")
)


class Open(Record, frozen=True):
    """Of an app's open invoices, and of these whose day has passed."""

    all: int
    overdue: int


_is_overdue = case((_open.c.due_on < param("today", LocalDate), 1), else_=0)
OPEN_INVOICES = query(
    select(
        func.count().cast(Number).label("all"),
        func.coalesce(func.sum(_is_overdue), 0).cast(Number).label("overdue"),
    ).select_from(_open),
    Open,
)
_in_doubt = (
    select(payments.c.id)
    .where(
        payments.c.app_id == param("app_id"),
        payments.c.outcome != "settled",  # by the index of the few that are not
        payments.c.outcome == "needs_review",
        ~select(reviews.c.payment_id).where(reviews.c.payment_id == payments.c.id).exists(),
    )
    .limit(MOST)
    .subquery("in_doubt")
)
UNDECIDED_PAYMENTS = value(select(func.count().cast(Number)).select_from(_in_doubt), int)


def open_invoices(tx: Transaction, todays: Mapping[str, date]) -> dict[str, str]:
    """How many are open and how many overdue, as text, in apps with their local days. Where there
    are more open ones than are counted, nobody knows how many of them are overdue."""
    found = [tx.one(OPEN_INVOICES, app_id=app_id, today=day) for app_id, day in todays.items()]
    each = [one for one in found if one is not None]
    is_whole = all(one.all < MOST for one in each)
    return {
        "open": _told(sum(one.all for one in each), is_whole=is_whole),
        "overdue": _told(sum(one.overdue for one in each), is_whole=True) if is_whole else "",
    }


def undecided_payments(tx: Transaction, app_ids: list[str]) -> str:
    found = [tx.one(UNDECIDED_PAYMENTS, app_id=app_id) or 0 for app_id in app_ids]
    return _told(sum(found), is_whole=all(one < MOST for one in found))


def _told(number: int, *, is_whole: bool) -> str:
    return f"{number}" if is_whole else f"{number}+"

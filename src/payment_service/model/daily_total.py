"""Daily totals: what each day brought in, and how the subscriptions stood at its end.

They are written with every change, in its transaction, so that nobody has to add up all there is.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    PrimaryKeyConstraint,
    Text,
    case,
    func,
    literal,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import insert

from payment_service.kit.schema import LocalDate, Number, table
from payment_service.kit.statements import (
    Noted,
    Record,
    Transaction,
    command,
    param,
    stored_in,
)
from payment_service.model.invoice import Invoice
from payment_service.model.subscription import Subscription, subscriptions

OF_NO_PLAN = ""
"""The plan of invoices that belong to a customer alone."""

daily_revenues = table(
    "daily_revenues",
    Column("app_id", Text, ForeignKey("apps.id"), nullable=False),
    Column("day", LocalDate, nullable=False),
    Column("plan_id", Text, nullable=False),
    Column("invoices", Number, nullable=False),
    Column("amount", Number, nullable=False),
    PrimaryKeyConstraint("app_id", "day", "plan_id"),
)
daily_standings = table(
    "daily_standings",
    Column("plan_id", Text, ForeignKey("plans.id"), nullable=False),
    Column("status", Text, nullable=False),
    Column("day", LocalDate, nullable=False),
    Column("subscriptions", Number, nullable=False),
    Column("monthly", Number, nullable=False),
    PrimaryKeyConstraint("plan_id", "status", "day"),
)


@stored_in(daily_revenues)
class DailyRevenue(Record, frozen=True):
    """Invoices that were paid on a local day, and their totals in rupiah: what was sold and paid
    for, with money or from credit. Credit itself is not revenue, it is owed."""

    app_id: str
    day: date
    plan_id: str
    invoices: int
    amount: int


@stored_in(daily_standings)
class DailyStanding(Record, frozen=True):
    """How many subscriptions of a plan had a state at the end of a local day, and what they bring
    in a month, in rupiah. It holds until the next day that has a row."""

    plan_id: str
    status: str
    day: date
    subscriptions: int
    monthly: int


def monthly(price: int, months: int) -> int:
    """What a subscription brings in a month: sold price / months, to the nearest rupiah."""
    return (2 * price + months) // (2 * months)


_price, _months = subscriptions.c.price, subscriptions.c.months
MONTHLY: ColumnElement[int] = (2 * _price + _months) // (2 * _months)
"""The same for the database, where both sides are whole and so is what comes out."""

_revenue = insert(daily_revenues).values({c.name: param(c.name) for c in daily_revenues.c})
ADD_REVENUE = command(
    _revenue.on_conflict_do_update(
        index_elements=["app_id", "day", "plan_id"],
        set_={
            "invoices": daily_revenues.c.invoices + _revenue.excluded.invoices,
            "amount": daily_revenues.c.amount + _revenue.excluded.amount,
        },
    )
)
_day = param("day", LocalDate)
_latest = (
    select(daily_standings.c.day, daily_standings.c.subscriptions, daily_standings.c.monthly)
    .where(
        daily_standings.c.plan_id == param("plan_id"), daily_standings.c.status == param("status")
    )
    .order_by(daily_standings.c.day.desc())
    .limit(1)
    .subquery("latest")
)
_one = select(literal(1).label("one")).subquery("one")
_standing = insert(daily_standings).from_select(
    [column.name for column in daily_standings.c],
    select(
        param("plan_id", Text),
        param("status", Text),
        # A clock that steps back over midnight must not change a day before the latest.
        case((_latest.c.day > _day, _latest.c.day), else_=_day),
        func.coalesce(_latest.c.subscriptions, 0) + param("subscriptions", Number),
        func.coalesce(_latest.c.monthly, 0) + param("monthly", Number),
    )
    .select_from(_one.outerjoin(_latest, true()))
    .where(true()),
)
ADD_STANDING = command(
    _standing.on_conflict_do_update(
        index_elements=["plan_id", "status", "day"],
        set_={
            "subscriptions": _standing.excluded.subscriptions,
            "monthly": _standing.excluded.monthly,
        },
    )
)
"""One more or less: the latest day's, carried on to this day where that is a new one."""


def sum_up(tx: Transaction, app_id: str, today: date) -> None:
    """Add what this transaction has written of the app's to the totals; `today` is its local day.

    After the app's event counter was taken, which all wait for, so that the rows that everybody
    writes are never fought over.
    """
    if not tx.noted:
        return
    noted, tx.noted = tx.noted, []
    revenues, standings = _revenues(noted), _standings(noted)
    if revenues:
        tx.run_all(ADD_REVENUE, [{"app_id": app_id, **one} for one in revenues])
    if standings:
        tx.run_all(ADD_STANDING, [{"day": today, **one} for one in standings])


def _revenues(noted: Sequence[Noted]) -> list[dict[str, object]]:
    counts: Counter[tuple[date, str]] = Counter()
    amounts: Counter[tuple[date, str]] = Counter()
    for before, after in noted:
        if isinstance(after, Invoice) and after.status == "paid" and after.paid_on is not None:
            if isinstance(before, Invoice) and before.status == "paid":
                continue
            key = after.paid_on, after.plan_id or OF_NO_PLAN
            counts[key] += 1
            amounts[key] += after.total
    return [
        {"day": day, "plan_id": plan, "invoices": counts[day, plan], "amount": amounts[day, plan]}
        for day, plan in counts
    ]


def _standings(noted: Sequence[Noted]) -> list[dict[str, object]]:
    counts: Counter[tuple[str, str]] = Counter()
    sums: Counter[tuple[str, str]] = Counter()
    for pair in noted:
        for one, sign in zip(pair, (-1, 1), strict=True):
            if isinstance(one, Subscription):
                counts[one.plan_id, one.status] += sign
                sums[one.plan_id, one.status] += sign * monthly(one.price, one.months)
    return [
        {
            "plan_id": plan,
            "status": status,
            "subscriptions": counts[plan, status],
            "monthly": sums[plan, status],
        }
        for plan, status in counts
        if counts[plan, status] or sums[plan, status]
    ]

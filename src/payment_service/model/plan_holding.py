"""Who holds a plan: at which price, told to move to which, and paid ahead for how long."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Index, Select, func, literal, select, text, union_all

from payment_service.kit.expressions import in_list
from payment_service.kit.schema import Json, LocalDate, Number
from payment_service.kit.statements import Record, Transaction, param, query, value
from payment_service.model.daily_total import daily_standings
from payment_service.model.invoice import invoices
from payment_service.model.plan import Plan, plans
from payment_service.model.subscription import HOLDING, WITH_ACCESS, subscriptions

LOOKED_AT = 2_000
"""Subscriptions that end next, among which one of the plan is looked for."""


class Holders(Record, frozen=True):
    """How many hold a plan."""

    plan_id: str
    all: int


class Held(Record, frozen=True):
    """Subscriptions of a plan that were sold at `price` and move to `next_price`, if any, with
    their next invoice; or to `next_plan_id`."""

    plan_id: str
    price: int
    next_price: int | None
    next_plan_id: str | None
    subscriptions: int


class HeldAhead(Record, frozen=True):
    """Subscriptions of a plan with so many further months paid for at once that are not over."""

    plan_id: str
    price: int
    months: int
    subscriptions: int


_s, _i, _d = subscriptions.c, invoices.c, daily_standings.c
_from_credit = text("status = 'paid' AND kind = 'renewal' AND credit_applied = total")
Index(
    "renewals_paid_from_credit",
    _i.plan_id,
    _i.months,
    _i.period_end,
    _i.subscription_id,
    sqlite_where=_from_credit,
    postgresql_where=_from_credit,
)
"""Of what was paid ahead the further periods are an invoice that the same money has paid."""
_asked = in_list(plans.c.id, param("ids", Json(list[str])))
_statuses = union_all(*(select(literal(one).label("status")) for one in HOLDING)).subquery("states")
_latest = (
    select(_d.subscriptions)
    .where(_d.plan_id == plans.c.id, _d.status == _statuses.c.status)
    .order_by(_d.day.desc())
    .limit(1)
    .scalar_subquery()
)
HOLDERS = query(
    select(
        plans.c.id.label("plan_id"), func.sum(func.coalesce(_latest, 0)).cast(Number).label("all")
    )
    .select_from(plans.join(_statuses, literal(True)))
    .where(_asked)
    .group_by(plans.c.id),
    Holders,
)


def _held_otherwise(*where: ColumnElement[bool]) -> Select[Any]:
    keys = (_s.plan_id, _s.price, _s.next_price, _s.next_plan_id)
    return (
        select(*keys, func.count().label("subscriptions"))
        .select_from(plans.join(subscriptions, _s.plan_id == plans.c.id))
        .where(_asked, _s.status.in_(HOLDING), *where)
        .group_by(*keys)
    )


HELD_OTHERWISE = query(
    union_all(
        _held_otherwise(_s.price < plans.c.price),
        _held_otherwise(_s.price > plans.c.price),
        _held_otherwise(_s.price == plans.c.price, _s.next_price.is_not(None)),
    ),
    Held,
)
"""Those at the plan's price who stay there are the rest: nobody counts them one by one."""
_ahead = (
    select(_i.plan_id, _i.subscription_id, func.max(_i.months).label("months"))
    .select_from(plans.join(invoices, _i.plan_id == plans.c.id))
    .where(
        _asked,
        _i.status == "paid",
        _i.kind == "renewal",
        _i.credit_applied == _i.total,
        _i.months.in_([plans.c.months * 2, plans.c.months * 5, plans.c.months * 11]),
        _i.period_end >= param("today", LocalDate),
    )
    .group_by(_i.plan_id, _i.subscription_id)
    .subquery("ahead")
)
HELD_AHEAD = query(
    select(_ahead.c.plan_id, _s.price, _ahead.c.months, func.count().label("subscriptions"))
    .select_from(_ahead.join(subscriptions, _s.id == _ahead.c.subscription_id))
    # By its id alone: an index on the plan would be searched for each state in turn.
    .where(
        func.coalesce(_s.plan_id, "") == _ahead.c.plan_id,
        func.coalesce(_s.status, "").in_(HOLDING),
    )
    .group_by(_ahead.c.plan_id, _s.price, _ahead.c.months),
    HeldAhead,
)
_ending = (
    select(_s.plan_id, _s.paid_through)
    .where(
        _s.app_id == param("app_id"),
        _s.status.in_(WITH_ACCESS),
        _s.paid_through > param("after", LocalDate),
    )
    .order_by(_s.paid_through)
    .limit(LOOKED_AT)
    .subquery("ending")
)
NEXT_END = value(
    select(func.min(_ending.c.paid_through)).where(_ending.c.plan_id == param("plan_id")), date
)


class Holding(NamedTuple):
    """Who holds a plan: how many in `all`, and of these who do not simply stay at its price."""

    plan: Plan
    all: int
    held: Sequence[Held]
    ahead: Sequence[HeldAhead]

    @property
    def elsewhere(self) -> int:
        """How many hold another price than the plan's."""
        return sum(one.subscriptions for one in self.held if one.price != self.plan.price)

    @property
    def prices(self) -> list[tuple[int, int]]:
        """The other prices, the lowest first, and how many of those that can be moved hold each."""
        counts: Counter[int] = Counter()
        for one in self.held:
            counts[one.price] += one.subscriptions if self._can_move(one) else 0
        return sorted((price, count) for price, count in counts.items() if count)

    @property
    def to_move(self) -> int:
        """How many `move_subscribers` would move."""
        return sum(count for _, count in self.prices)

    @property
    def moving(self) -> int:
        """How many come to the plan's price with their next invoice."""
        return sum(
            one.subscriptions
            for one in self.held
            if one.next_price == self.plan.price != one.price and one.next_plan_id is None
        )

    def _can_move(self, one: Held) -> bool:
        if one.next_plan_id is not None or one.price == 0:
            return False
        wanted = None if one.price == self.plan.price else self.plan.price
        return one.next_price != wanted


def holdings(tx: Transaction, found: Iterable[Plan], today: date) -> dict[str, Holding]:
    """Of plans of one app, by id, in three statements; `today` is its local day."""
    each = {one.id: one for one in found}
    if not each:
        return {}
    ids = list(each)
    counts = {one.plan_id: one.all for one in tx.all(HOLDERS, ids=ids)}
    held, ahead = tx.all(HELD_OTHERWISE, ids=ids), tx.all(HELD_AHEAD, ids=ids, today=today)
    return {
        id_: Holding(
            plan,
            counts.get(id_, 0),
            [one for one in held if one.plan_id == id_],
            [one for one in ahead if one.plan_id == id_],
        )
        for id_, plan in each.items()
    }

"""A subscription: a customer on a plan, its states, and the moves between them."""

from datetime import date, datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Text, func, select, text

from payment_service.kit.errors import Conflict, NotFound
from payment_service.kit.schema import (
    Flag,
    Instant,
    Json,
    LocalDate,
    Number,
    one_of,
    partial_index,
    table,
)
from payment_service.kit.statements import (
    Record,
    Transaction,
    param,
    query,
    rows_of,
    stored_in,
    value,
)

Status = Literal["pending", "trialing", "active", "grace", "suspended", "canceled", "expired"]
Reason = Literal["nonpayment", "manual", "requested"]
OPEN: tuple[Status, ...] = ("pending", "trialing", "active", "grace", "suspended")
WITH_ACCESS: tuple[Status, ...] = ("trialing", "active", "grace")
WITHOUT_ACCESS: tuple[Status, ...] = ("pending", "suspended", "canceled", "expired")
HOLDING: tuple[Status, ...] = ("trialing", "active", "grace", "suspended")
"""Who holds the price they bought at: a pending one has its invoice, and that keeps its price."""

MOVES: dict[Status, tuple[Status, ...]] = {
    "pending": ("trialing", "active", "canceled", "expired"),
    "trialing": ("active", "grace", "suspended", "canceled"),
    "active": ("active", "grace", "suspended", "canceled"),
    "grace": ("trialing", "active", "suspended", "canceled"),
    "suspended": ("trialing", "active", "suspended", "canceled"),
    # Money alone may revive: `settle` is the only caller that makes these two moves.
    "canceled": ("active",),
    "expired": ("active",),
}

subscriptions = table(
    "subscriptions",
    Column("id", Text, primary_key=True),
    Column("app_id", Text, ForeignKey("apps.id"), nullable=False),
    Column("customer_id", Text, ForeignKey("customers.id"), nullable=False),
    Column("plan_id", Text, ForeignKey("plans.id"), nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text),
    Column("price", Number, nullable=False),
    Column("months", Number, nullable=False),
    Column("anchor_day", Number),
    Column("paid_through", LocalDate),
    Column("grace_until", LocalDate),
    Column("cancel_at_period_end", Flag, nullable=False),
    Column("next_plan_id", Text, ForeignKey("plans.id")),
    Column("next_price", Number),
    Column("seq", Number, nullable=False),
    Column("pay_token", Text, nullable=False, unique=True),
    Column("return_url", Text),
    Column("exclusive", Flag, nullable=False),
    Column("metadata", Json(dict[str, Any]), nullable=False),
    Column("activated_at", Instant),
    Column("suspended_at", Instant),
    Column("ended_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("version", Number, nullable=False),
    one_of("status", (*OPEN, "canceled", "expired")),
    one_of("reason", ("nonpayment", "manual", "requested"), null=True),
    CheckConstraint("price BETWEEN 0 AND 1000000000000", name="price"),
    CheckConstraint("anchor_day BETWEEN 1 AND 31", name="anchor_day"),
    # `exclusive` is copied from the app, which alone decides whether several are allowed.
    Index(
        "one_open_subscription",
        "customer_id",
        unique=True,
        sqlite_where=text(f"exclusive = 1 AND status IN {OPEN}"),
        postgresql_where=text(f"exclusive AND status IN {OPEN}"),
    ),
    Index(None, "app_id", "status", "id"),
    Index(None, "plan_id", "status", "id"),
    Index(None, "customer_id", "id"),
    partial_index(
        "subscriptions_by_price",
        "plan_id",
        "price",
        "next_price",
        "next_plan_id",
        "status",
        where=f"status IN {HOLDING}",
    ),
    partial_index(
        "subscriptions_by_last_day",
        "app_id",
        "paid_through",
        "id",
        "price",  # so that the overview need not read a row for each that is due soon
        where=f"status IN {WITH_ACCESS}",
    ),
    partial_index(
        "subscriptions_without_access_by_last_day",
        "app_id",
        "paid_through",
        "id",
        where=f"status IN {WITHOUT_ACCESS} AND paid_through IS NOT NULL",
    ),
    partial_index(
        "subscriptions_unpaid_since",
        "app_id",
        "suspended_at",
        "id",
        where="status = 'suspended' AND reason = 'nonpayment'",
    ),
)


@stored_in(subscriptions, is_noted=True)
class Subscription(Record, frozen=True):
    """`price` in rupiah and `months` are what it was sold at; `paid_through` is inclusive."""

    id: str
    app_id: str
    customer_id: str
    plan_id: str
    status: Status
    reason: Reason | None
    price: int
    months: int
    anchor_day: int | None
    paid_through: date | None
    grace_until: date | None
    cancel_at_period_end: bool
    next_plan_id: str | None
    next_price: int | None
    seq: int
    pay_token: str
    return_url: str | None
    exclusive: bool
    metadata: dict[str, Any]
    activated_at: datetime | None
    suspended_at: datetime | None
    ended_at: datetime | None
    created_at: datetime
    version: int

    @property
    def access(self) -> bool:
        return self.status in WITH_ACCESS


SUBSCRIPTION = query(rows_of(Subscription).where(subscriptions.c.id == param("id")), Subscription)
SUBSCRIPTION_LOCKED = query(
    rows_of(Subscription).where(subscriptions.c.id == param("id")).with_for_update(), Subscription
)
SUBSCRIPTION_BY_TOKEN = query(
    rows_of(Subscription).where(subscriptions.c.pay_token == param("token")), Subscription
)
OPEN_SUBSCRIPTION_OF_CUSTOMER = query(
    rows_of(Subscription)
    .where(subscriptions.c.customer_id == param("customer_id"), subscriptions.c.status.in_(OPEN))
    .order_by(subscriptions.c.id.desc())
    .with_for_update(),
    Subscription,
)
A_SUBSCRIPTION = value(
    select(subscriptions.c.id).where(subscriptions.c.app_id == param("app_id")).limit(1), str
)
"""Any of the app's."""
SUBSCRIPTIONS_IN_STATUS = query(
    rows_of(Subscription)
    .where(
        subscriptions.c.app_id == param("app_id"),
        subscriptions.c.status == param("status"),
        subscriptions.c.id > param("after"),
    )
    .order_by(subscriptions.c.id)
    .limit(param("limit", Number)),
    Subscription,
)
COUNT_WITH_ACCESS = value(
    select(func.count())
    .select_from(subscriptions)
    .where(subscriptions.c.app_id == param("app_id"), subscriptions.c.status.in_(WITH_ACCESS)),
    int,
)
SUBSCRIPTIONS_OF_CUSTOMER = query(
    rows_of(Subscription)
    .where(
        subscriptions.c.customer_id == param("customer_id"), subscriptions.c.id < param("before")
    )
    .order_by(subscriptions.c.id.desc())
    .limit(param("limit", Number)),
    Subscription,
)


def subscription_of_app(tx: Transaction, app_id: str, subscription_id: str) -> Subscription:
    """Raises NotFound for another app's subscription too."""
    subscription = tx.one(SUBSCRIPTION, id=subscription_id)
    if subscription is None or subscription.app_id != app_id:
        raise NotFound("subscription_not_found", "There is no subscription with this id.")
    return subscription


def is_held(subscription: Subscription) -> bool:
    """Suspended by an admin, not for want of money."""
    return subscription.status == "suspended" and subscription.reason == "manual"


def ended_unpaid(subscription: Subscription) -> bool:
    """Over for want of money: what money that comes late can mend."""
    return subscription.status == "expired" or (
        subscription.status == "canceled" and subscription.reason == "nonpayment"
    )


def is_told_to_end(subscription: Subscription) -> bool:
    """Canceled by the app or an admin, or going to be when its period ends."""
    return subscription.cancel_at_period_end or subscription.reason == "requested"


def status_in_period(subscription: Subscription) -> Status:
    """What a subscription is while its last day has not passed: a trial until it was paid for."""
    return "trialing" if subscription.activated_at is None else "active"


_INSTEAD: dict[Status, str] = {
    "pending": "let its first invoice be paid first",
    "suspended": "resume it first",
    "canceled": "subscribe the customer again",
    "expired": "subscribe the customer again",
}


def refusal(subscription: Subscription, deed: str) -> Conflict:
    """The answer to a deed that is not for this state: `deed` ends the words "cannot be …"."""
    status = subscription.status
    instead = _INSTEAD.get(status, "read it to see how it stands")
    return Conflict(
        "subscription_state",
        f"A subscription that is {status} cannot be {deed}; {instead}.",
        id=subscription.id,
        state=status,
    )


def moved(subscription: Subscription, to: Status, **changes: Any) -> Subscription:
    """The subscription in its next state. Raises Conflict when MOVES has no such move."""
    if to not in MOVES[subscription.status]:
        raise Conflict(
            "subscription_state",
            f"A subscription that is {subscription.status} cannot become {to}.",
            id=subscription.id,
            state=subscription.status,
        )
    return msgspec.structs.replace(subscription, status=to, **changes)


def drop_change(subscription: Subscription) -> Subscription:
    """Without the pending change of plan, one `seq` on."""
    return msgspec.structs.replace(
        subscription, next_plan_id=None, next_price=None, seq=subscription.seq + 1
    )

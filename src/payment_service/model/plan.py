"""A plan: what an app sells, for how much, for how many months."""

from datetime import datetime
from typing import Any, Literal, get_args

import msgspec
from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    func,
    select,
)

from payment_service.kit.errors import Conflict, Invalid, NotFound
from payment_service.kit.money import rupiah
from payment_service.kit.schema import Instant, Json, Number, one_of, table
from payment_service.kit.statements import (
    Record,
    Transaction,
    param,
    query,
    rows_of,
    stored_in,
    value,
)

LatePayment = Literal["grace_then_payment_day", "period_end", "payment_day"]
SMALLEST = 500
LARGEST = 10_000_000
"""What QRIS takes in one transaction, in rupiah."""
DEEPEST = 20
"""Levels of what an app gives us to keep: it is read back on a deeper stack than it came in on, and
what was once taken must not break that."""

plans = table(
    "plans",
    Column("id", Text, primary_key=True),
    Column("app_id", Text, ForeignKey("apps.id"), nullable=False),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("price", Number, nullable=False),
    Column("months", Number, nullable=False),
    Column("trial_days", Number, nullable=False),
    Column("grace_days", Number),
    Column("late_payment", Text, nullable=False),
    Column("prices_ahead", Json(dict[str, int]), nullable=False),
    Column("features", Json(dict[str, Any]), nullable=False),
    Column("metadata", Json(dict[str, Any]), nullable=False),
    Column("archived_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("version", Number, nullable=False),
    UniqueConstraint("app_id", "code"),
    Index(None, "app_id", "id"),
    CheckConstraint("price BETWEEN 0 AND 1000000000000", name="price"),
    CheckConstraint("months BETWEEN 1 AND 36", name="months"),
    CheckConstraint("trial_days BETWEEN 0 AND 365", name="trial_days"),
    CheckConstraint("grace_days BETWEEN 0 AND 90", name="grace_days"),
    one_of("late_payment", ("grace_then_payment_day", "period_end", "payment_day")),
)


@stored_in(plans)
class Plan(Record, frozen=True):
    """`prices_ahead` maps a number of periods, as text, to the rupiah for all of them."""

    id: str
    app_id: str
    code: str
    name: str
    price: int
    months: int
    trial_days: int
    grace_days: int | None
    late_payment: LatePayment
    prices_ahead: dict[str, int]
    features: dict[str, Any]
    metadata: dict[str, Any]
    archived_at: datetime | None
    created_at: datetime
    version: int


PLAN = query(rows_of(Plan).where(plans.c.id == param("id")), Plan)
PLAN_BY_CODE = query(
    rows_of(Plan).where(plans.c.app_id == param("app_id"), plans.c.code == param("code")), Plan
)
PLANS_OF_APP = query(
    rows_of(Plan)
    .where(plans.c.app_id == param("app_id"), plans.c.id < param("before"))
    .order_by(plans.c.id.desc())
    .limit(param("limit", Number)),
    Plan,
)
ARCHIVED_PLANS = value(
    select(func.count())
    .select_from(plans)
    .where(plans.c.app_id == param("app_id"), plans.c.archived_at.is_not(None)),
    int,
)


def plan_for_sale(tx: Transaction, app_id: str, code: str) -> Plan:
    """The app's plan with this code. Raises Invalid when there is none or it is archived."""
    plan = tx.one(PLAN_BY_CODE, app_id=app_id, code=code)
    if plan is None:
        raise Invalid(
            "unknown_plan", f"There is no plan with the code “{code}”; GET /v1/plans lists them."
        )
    if plan.archived_at is not None:
        raise Invalid("plan_archived", f"The plan “{code}” is archived and no longer sold.")
    return plan


def plan_of_app(tx: Transaction, app_id: str, plan_id: str) -> Plan:
    """Raises NotFound for another app's plan too."""
    plan = tx.one(PLAN, id=plan_id)
    if plan is None or plan.app_id != app_id:
        raise NotFound("plan_not_found", "There is no plan with this id.")
    return plan


def check_seen(plan: Plan, version: int | None) -> None:
    """Raises Conflict where somebody has changed the plan since it was seen in this version."""
    if version is not None and plan.version != version:
        raise Conflict(
            "plan_changed", "The plan was changed meanwhile; look again, then decide.", id=plan.id
        )


def check_price(price: int) -> None:
    """A free plan needs no code; any other price must fit into one. Raises Invalid."""
    if price == 0:
        return
    if price < SMALLEST:
        raise Invalid(
            "price_below_limit",
            f"QRIS takes at least {rupiah(SMALLEST)} at once. Raise the price, or make the "
            "plan free with 0.",
            limit=SMALLEST,
        )
    if price > LARGEST:
        raise Invalid(
            "price_above_limit",
            f"QRIS takes at most {rupiah(LARGEST)} at once. Lower the price or split the period.",
            limit=LARGEST,
        )


LATE_PAYMENTS: tuple[LatePayment, ...] = get_args(LatePayment)
PERIODS_AHEAD = ("3", "6", "12")
LONGEST_AHEAD = 36
"""Months that can be paid at once."""


def check_plan(plan: Plan) -> None:
    """Everything of a plan that can be wrong. Raises Invalid with the one thing to mend."""
    if not 1 <= len(plan.name) <= 200:
        raise Invalid("name_length", "A name has 1 to 200 characters.")
    if not 1 <= plan.months <= 36:
        raise Invalid("plan_months", "A plan lasts 1 to 36 months.")
    if not 0 <= plan.trial_days <= 365:
        raise Invalid("plan_trial_days", "A trial lasts 0 to 365 days.")
    if plan.grace_days is not None and not 0 <= plan.grace_days <= 90:
        raise Invalid("plan_grace_days", "Grace lasts 0 to 90 days.")
    if plan.late_payment not in LATE_PAYMENTS:
        raise Invalid("plan_late_payment", f"late_payment is one of {', '.join(LATE_PAYMENTS)}.")
    check_price(plan.price)
    for periods, price in plan.prices_ahead.items():
        _check_price_ahead(plan, periods, price)
    check_metadata("features", plan.features)
    check_metadata("metadata", plan.metadata)


def _check_price_ahead(plan: Plan, periods: str, price: int) -> None:
    if periods not in PERIODS_AHEAD or int(periods) * plan.months > LONGEST_AHEAD:
        raise Invalid(
            "price_ahead",
            f"Prices ahead are for 3, 6 or 12 periods, and {LONGEST_AHEAD} months at most.",
        )
    if not plan.price < price <= LARGEST or plan.price == 0:
        raise Invalid(
            "price_ahead",
            f"The price for {periods} periods is above that of one, {rupiah(plan.price)}, and at "
            f"most {rupiah(LARGEST)}, which is what QRIS takes at once.",
            limit=LARGEST,
        )


def check_metadata(name: str, value: dict[str, Any]) -> None:
    """4 KiB as JSON at most, and no deeper than can be read back. Raises Invalid."""
    if _is_deeper(value, DEEPEST):
        raise Invalid(
            f"{name}_too_deep", f"{name} is nested at most {DEEPEST} levels deep; make it flatter."
        )
    if len(msgspec.json.encode(value)) > 4096:
        raise Invalid(f"{name}_too_large", f"{name} takes at most 4096 bytes of JSON.")


def _is_deeper(value: dict[str, Any], most: int) -> bool:
    """Level by level: to encode what is nested without end would break by itself."""
    level: list[dict[str, Any] | list[Any]] = [value]
    for _ in range(most):
        level = [
            inner
            for one in level
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, dict | list)
        ]
    return bool(level)

"""Add a plan to an app's catalogue."""

import re
from datetime import datetime
from typing import Any

import msgspec

from payment_service.kit.errors import Conflict, Invalid
from payment_service.kit.ids import new_id
from payment_service.kit.statements import Transaction, add
from payment_service.model.audit import By, record
from payment_service.model.plan import PLAN_BY_CODE, LatePayment, Plan, check_plan


class NewPlan(msgspec.Struct, frozen=True):
    """`price` in rupiah for `months` months; 0 is a free plan. `prices_ahead` are those for 3, 6 or
    12 periods at once."""

    code: str
    name: str
    price: int
    months: int
    trial_days: int = 0
    grace_days: int | None = None
    late_payment: LatePayment = "grace_then_payment_day"
    prices_ahead: dict[str, int] = {}
    features: dict[str, Any] = {}
    metadata: dict[str, Any] = {}


def add_plan(
    tx: Transaction, app_id: str, wanted: NewPlan, now: datetime, *, by: By | None = None
) -> Plan:
    """An admin's is kept in the log. Raises Invalid with the one thing to mend, Conflict when the
    code is taken."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,49}", wanted.code):
        raise Invalid(
            "plan_code", "A plan's code is 1 to 50 small letters, digits, - and _: bulanan."
        )
    if tx.one(PLAN_BY_CODE, app_id=app_id, code=wanted.code) is not None:
        raise Conflict("plan_code_taken", f"This app has a plan with the code “{wanted.code}”.")
    plan = Plan(
        id=new_id("plan", now),
        app_id=app_id,
        code=wanted.code,
        name=wanted.name.strip(),
        price=wanted.price,
        months=wanted.months,
        trial_days=wanted.trial_days,
        grace_days=wanted.grace_days,
        late_payment=wanted.late_payment,
        prices_ahead=wanted.prices_ahead,
        features=wanted.features,
        metadata=wanted.metadata,
        archived_at=None,
        created_at=now,
        version=1,
    )
    check_plan(plan)
    if by is not None:
        record(tx, by, app_id, "plan.add", plan.id, code=plan.code, price=plan.price)
    add(tx, plan)
    return plan

"""Add a plan to an app's catalogue."""

import re
from datetime import datetime
from typing import Any

import msgspec

from payment_service.kit.errors import Conflict, Invalid
from payment_service.kit.ids import new_id
from payment_service.kit.statements import Transaction, add
from payment_service.model.plan import PLAN_BY_CODE, Plan, check_metadata, check_price


class NewPlan(msgspec.Struct, frozen=True):
    """`price` in rupiah for `months` months; 0 is a free plan."""

    code: str
    name: str
    price: int
    months: int
    trial_days: int = 0
    grace_days: int | None = None
    features: dict[str, Any] = {}
    metadata: dict[str, Any] = {}


def add_plan(tx: Transaction, app_id: str, wanted: NewPlan, now: datetime) -> Plan:
    """Raises Invalid with the one thing to mend, Conflict when the code is taken."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,49}", wanted.code):
        raise Invalid(
            "plan_code", "A plan's code is 1 to 50 small letters, digits, - and _: bulanan."
        )
    if not 1 <= len(wanted.name.strip()) <= 200:
        raise Invalid("name_length", "A name has 1 to 200 characters.")
    if not 1 <= wanted.months <= 36:
        raise Invalid("plan_months", "A plan lasts 1 to 36 months.")
    if not 0 <= wanted.trial_days <= 365:
        raise Invalid("plan_trial_days", "A trial lasts 0 to 365 days.")
    if wanted.grace_days is not None and not 0 <= wanted.grace_days <= 90:
        raise Invalid("plan_grace_days", "Grace lasts 0 to 90 days.")
    check_price(wanted.price)
    check_metadata("features", wanted.features)
    check_metadata("metadata", wanted.metadata)
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
        late_payment="grace_then_payment_day",
        prices_ahead={},
        features=wanted.features,
        metadata=wanted.metadata,
        archived_at=None,
        created_at=now,
        version=1,
    )
    add(tx, plan)
    return plan

"""A plan as apps see it."""

from datetime import datetime
from typing import Any, Literal

import msgspec

from payment_service.model.plan import LatePayment, Plan


class PlanResource(msgspec.Struct, frozen=True):
    """What an app sells. What was sold keeps the terms it was sold at."""

    id: str
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
    archived: bool
    created_at: datetime
    currency: Literal["IDR"] = "IDR"


def plan_resource(plan: Plan) -> PlanResource:
    return PlanResource(
        id=plan.id,
        code=plan.code,
        name=plan.name,
        price=plan.price,
        months=plan.months,
        trial_days=plan.trial_days,
        grace_days=plan.grace_days,
        late_payment=plan.late_payment,
        prices_ahead=plan.prices_ahead,
        features=plan.features,
        metadata=plan.metadata,
        archived=plan.archived_at is not None,
        created_at=plan.created_at,
    )

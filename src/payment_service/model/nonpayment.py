"""Non-payment: how many suspensions are too many to be believed, and who stayed unpaid too long."""

from sqlalchemy import func, literal, select

from payment_service.kit.schema import Number
from payment_service.kit.statements import param, value
from payment_service.model.subscription import WITH_ACCESS, subscriptions

_s = subscriptions.c
WITH_ACCESS_UP_TO = value(
    select(func.count()).select_from(
        select(literal(1).label("one"))
        .select_from(subscriptions)
        .where(_s.app_id == param("app_id"), _s.status.in_(WITH_ACCESS))
        .limit(param("limit", Number))
        .subquery()
    ),
    int,
)
"""How many subscriptions have access, counted no further than `limit`."""
UNPAID_TOO_LONG = value(
    select(_s.id)
    .where(
        _s.app_id == param("app_id"),
        _s.status == "suspended",
        _s.reason == "nonpayment",
        _s.suspended_at < param("before"),
        _s.id > param("after"),
    )
    .order_by(_s.id)
    .limit(param("limit", Number)),
    str,
)

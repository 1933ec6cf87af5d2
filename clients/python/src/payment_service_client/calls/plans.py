"""`/v1/plans`: what is sold."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from payment_service_client.call import UNSET, Call, Unset, place, reads, writes
from payment_service_client.records import Page, Plan


def create(
    *,
    code: str,
    name: str,
    price: int,
    months: int,
    trial_days: int = 0,
    grace_days: int | None = None,
    late_payment: str = "grace_then_payment_day",
    prices_ahead: Mapping[str, int] | None = None,
    features: Mapping[str, Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
    idempotency_key: str | None = None,
) -> Call[Plan]:
    """`price` is whole rupiah for `months` months."""
    body = {
        "code": code,
        "name": name,
        "price": price,
        "months": months,
        "trial_days": trial_days,
        "grace_days": grace_days,
        "late_payment": late_payment,
        "prices_ahead": prices_ahead or {},
        "features": features or {},
        "metadata": metadata or {},
    }
    return writes("POST", place("plans"), Plan, body, idempotency_key=idempotency_key)


def listed(
    *,
    archived: bool | None = None,
    code: str | None = None,
    created_from: date | None = None,
    created_to: date | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Call[Page[Plan]]:
    return reads(
        place("plans"),
        Page[Plan],
        archived=archived,
        code=code,
        created_from=created_from,
        created_to=created_to,
        limit=limit,
        after=after,
    )


def get(plan_id: str) -> Call[Plan]:
    return reads(place("plans", plan_id), Plan)


def edit(
    plan_id: str,
    *,
    name: str | Unset = UNSET,
    price: int | Unset = UNSET,
    grace_days: int | Unset | None = UNSET,
    late_payment: str | Unset = UNSET,
    prices_ahead: Mapping[str, int] | Unset = UNSET,
    features: Mapping[str, Any] | Unset = UNSET,
    metadata: Mapping[str, Any] | Unset = UNSET,
    archived: bool | Unset = UNSET,
    move_subscribers: bool | Unset = UNSET,
    reason: str | Unset = UNSET,
    idempotency_key: str | None = None,
) -> Call[Plan]:
    """Only what is given is changed. To move subscribers needs a reason and the scope `admin`."""
    body = {
        "name": name,
        "price": price,
        "grace_days": grace_days,
        "late_payment": late_payment,
        "prices_ahead": prices_ahead,
        "features": features,
        "metadata": metadata,
        "archived": archived,
        "move_subscribers": move_subscribers,
        "reason": reason,
    }
    return writes("PATCH", place("plans", plan_id), Plan, body, idempotency_key=idempotency_key)

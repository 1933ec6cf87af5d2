"""`/v1/subscriptions`: a customer on a plan, and what is done with it."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Literal

from payment_service_client.call import UNSET, Call, Unset, place, reads, writes
from payment_service_client.calls.customers import told
from payment_service_client.records import (
    AccessPassText,
    Page,
    PlanChange,
    Qris,
    Subscription,
)


def create(
    *,
    reference: str,
    plan: str,
    name: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    customer_metadata: Mapping[str, Any] | None = None,
    return_url: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    idempotency_key: str | None = None,
) -> Call[Subscription]:
    """Subscribe the tenant whom you call `reference` to the plan with that code. Asked again while
    it is unpaid, the same plan gives the same subscription."""
    body = {
        "customer": told(reference, name, email, phone, customer_metadata),
        "plan": plan,
        "return_url": return_url,
        "metadata": metadata or {},
    }
    path = place("subscriptions")
    return writes("POST", path, Subscription, body, idempotency_key=idempotency_key)


def listed(
    *,
    customer: str | None = None,
    status: str | Iterable[str] | None = None,
    plan: str | None = None,
    created_from: date | None = None,
    created_to: date | None = None,
    paid_through_from: date | None = None,
    paid_through_to: date | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Call[Page[Subscription]]:
    """`customer` is your own reference of the tenant."""
    states = status if status is None or isinstance(status, str) else ",".join(status)
    return reads(
        place("subscriptions"),
        Page[Subscription],
        customer=customer,
        status=states,
        plan=plan,
        created_from=created_from,
        created_to=created_to,
        paid_through_from=paid_through_from,
        paid_through_to=paid_through_to,
        limit=limit,
        after=after,
    )


def get(subscription_id: str) -> Call[Subscription]:
    return reads(place("subscriptions", subscription_id), Subscription)


def edit(
    subscription_id: str,
    *,
    metadata: Mapping[str, Any] | Unset = UNSET,
    return_url: str | Unset | None = UNSET,
    idempotency_key: str | None = None,
) -> Call[Subscription]:
    """Only what is given is changed. No event tells of it."""
    body = {"metadata": metadata, "return_url": return_url}
    path = place("subscriptions", subscription_id)
    return writes("PATCH", path, Subscription, body, idempotency_key=idempotency_key)


def cancel(
    subscription_id: str,
    *,
    at: Literal["period_end", "now"] = "period_end",
    idempotency_key: str | None = None,
) -> Call[Subscription]:
    return _deed(subscription_id, "cancel", {"at": at}, idempotency_key)


def undo_cancel(subscription_id: str, *, idempotency_key: str | None = None) -> Call[Subscription]:
    return _deed(subscription_id, "undo-cancel", None, idempotency_key)


def change_plan(
    subscription_id: str,
    *,
    plan: str,
    at: Literal["renewal", "now"] = "renewal",
    idempotency_key: str | None = None,
) -> Call[PlanChange]:
    """With the next invoice; `now` only to a plan with a higher price."""
    path = place("subscriptions", subscription_id, "change-plan")
    body = {"plan": plan, "at": at}
    return writes("POST", path, PlanChange, body, idempotency_key=idempotency_key)


def pay_ahead(
    subscription_id: str, *, periods: int = 1, idempotency_key: str | None = None
) -> Call[Qris]:
    """A code for 1, 3, 6 or 12 periods, also while nothing is due."""
    path = place("subscriptions", subscription_id, "pay-ahead")
    return writes("POST", path, Qris, {"periods": periods}, idempotency_key=idempotency_key)


def suspend(
    subscription_id: str, *, reason: str, idempotency_key: str | None = None
) -> Call[Subscription]:
    """Scope `admin`, as `resume`, `extend` and `move`."""
    return _deed(subscription_id, "suspend", {"reason": reason}, idempotency_key)


def resume(
    subscription_id: str, *, reason: str, idempotency_key: str | None = None
) -> Call[Subscription]:
    return _deed(subscription_id, "resume", {"reason": reason}, idempotency_key)


def extend(
    subscription_id: str, *, days: int, reason: str, idempotency_key: str | None = None
) -> Call[Subscription]:
    body = {"days": days, "reason": reason}
    return _deed(subscription_id, "extend", body, idempotency_key)


def move(
    subscription_id: str, *, paid_through: date, reason: str, idempotency_key: str | None = None
) -> Call[Subscription]:
    body = {"paid_through": paid_through, "reason": reason}
    return _deed(subscription_id, "move", body, idempotency_key)


def access_pass(subscription_id: str) -> Call[AccessPassText]:
    """A fresh one, good for at most 72 hours."""
    return reads(place("subscriptions", subscription_id, "pass"), AccessPassText)


def _deed(
    subscription_id: str, deed: str, body: Mapping[str, Any] | None, idempotency_key: str | None
) -> Call[Subscription]:
    path = place("subscriptions", subscription_id, deed)
    return writes("POST", path, Subscription, body, idempotency_key=idempotency_key)

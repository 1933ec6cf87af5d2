"""Choosing a plan: the live price list, and the subscription that follows from it."""

import hashlib
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bukubengkel.billing import Plan
from bukubengkel.guard import field, read_form
from bukubengkel.pages import page
from bukubengkel.paying import fetch_code
from bukubengkel.shop import new_token, shop_of, tenant_of


@dataclass(frozen=True)
class Offer:
    """`per_month` in rupiah, rounded; `saving` in whole percent of the dearest month."""

    plan: Plan
    per_month: int
    saving: int


async def show_plans(request: Request) -> Response:
    shop, tenant = shop_of(request), tenant_of(request)
    subscription = shop.store.subscription_of(tenant)
    if subscription and subscription.access:
        return RedirectResponse("/workshop", 303)
    offers = _offers(await shop.billing.plans())
    return page(request, "plans.html", {"offers": offers, "attempt": new_token()})


async def subscribe(request: Request) -> Response:
    shop, tenant = shop_of(request), tenant_of(request)
    form = await read_form(request)
    plan, attempt = field(form, "plan"), field(form, "attempt")
    if plan is None or attempt is None:
        return RedirectResponse("/plans", 303)
    subscription = await shop.billing.subscribe(
        tenant.id, tenant.workshop, plan, _idempotency_key(tenant.id, attempt, plan)
    )
    shop.store.learn(subscription)
    if subscription.open_invoice is None or subscription.access:
        return RedirectResponse("/workshop", 303)
    await fetch_code(shop, tenant, subscription, subscription.open_invoice)
    return RedirectResponse("/pay", 303)


def _offers(plans: list[Plan]) -> list[Offer]:
    dearest = max((plan.price / plan.months for plan in plans), default=0)
    return [
        Offer(
            plan,
            per_month=round(plan.price / plan.months),
            saving=round(100 - 100 * plan.price / plan.months / dearest) if dearest else 0,
        )
        for plan in sorted(plans, key=lambda plan: (plan.months, plan.price))
    ]


def _idempotency_key(tenant: str, attempt: str, plan: str) -> str:
    # One per form shown and plan picked: a second press or a retry after a lost answer is the
    # same wish; another plan, or another workshop with a copied form, is a different one.
    return hashlib.sha256(f"{tenant}\n{attempt}\n{plan}".encode()).hexdigest()

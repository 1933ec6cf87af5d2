"""Change the plan of a subscription: with its next invoice, or an upgrade at once."""

from datetime import datetime
from typing import Literal

import msgspec

from payment_service.books.draft_invoice import Terms, draft_first
from payment_service.books.issue_invoice import issue_invoice
from payment_service.books.replace_first import replace_first
from payment_service.books.schedule_change import put_in_force
from payment_service.books.tell_subscription import news_of, tell_stored
from payment_service.books.upgrade_now import upgrade_now
from payment_service.books.void_open import void_open
from payment_service.kit.errors import Conflict
from payment_service.kit.statements import Transaction, save
from payment_service.model.contract import Contract, lock_contract
from payment_service.model.invoice import Invoice
from payment_service.model.period import onto_free_plan
from payment_service.model.plan import Plan, plan_for_sale
from payment_service.model.subscription import drop_change, is_held, refusal
from payment_service.outbox import News, announce
from payment_service.resources import Links, PlanChangeResource, invoice_resource

When = Literal["renewal", "now"]


def change_plan(
    tx: Transaction,
    links: Links,
    app_id: str,
    subscription_id: str,
    plan_code: str,
    *,
    at: When,
    now: datetime,
) -> PlanChangeResource:
    """`at` matters for an active subscription alone: others change as their state allows.

    Raises NotFound; Invalid for an unknown or archived plan; Conflict when it is over or told to
    end, has this plan, or `now` is asked for what is no upgrade.
    """
    contract = lock_contract(tx, app_id, subscription_id)
    plan = contract.plan  # which may be archived: going back to it needs no sale
    if plan_code != plan.code:
        plan = plan_for_sale(tx, app_id, plan_code)
    _check(contract, plan, at)
    invoice: Invoice | None = None
    if contract.subscription.status == "pending":
        news = replace_first(tx, links, contract, plan, now)
    elif plan.id == contract.plan.id:
        dropped = drop_change(contract.subscription)
        news = put_in_force(tx, links, contract, dropped, "subscription.updated", now)
    elif at == "now" and _has_paid_days(contract):
        invoice, news = upgrade_now(tx, links, contract, plan, now)
    else:
        news = _change(tx, links, contract, plan, now)
    announce(tx, app_id, news, now)
    return PlanChangeResource(
        subscription=tell_stored(tx, links, subscription_id),
        upgrade_invoice=invoice_resource(invoice, contract.customer.reference, links)
        if invoice is not None
        else None,
    )


def _check(contract: Contract, plan: Plan, at: When) -> None:
    subscription = contract.subscription
    if subscription.status in ("canceled", "expired"):
        raise refusal(subscription, "changed")
    if subscription.cancel_at_period_end:
        raise Conflict(
            "cancellation_scheduled",
            "It ends with its period; undo the cancellation first, then change the plan.",
            id=subscription.id,
        )
    pending = subscription.next_plan_id
    drops = pending is not None and plan.id == contract.plan.id
    target = pending if pending is not None and at == "renewal" else contract.plan.id
    if plan.id == target and not drops:
        raise Conflict(
            "same_plan",
            f"It is on the plan “{plan.code}” already, or changes to it with its next invoice.",
            id=subscription.id,
        )
    is_dearer = plan.price > subscription.price
    if at == "now" and _has_paid_days(contract) and not drops and not is_dearer:
        raise Conflict(
            "not_an_upgrade",
            "Only a plan with a higher price can begin now; this one can at the next renewal.",
            id=subscription.id,
        )


def _has_paid_days(contract: Contract) -> bool:
    subscription = contract.subscription
    return subscription.status == "active" and subscription.paid_through is not None


def _change(
    tx: Transaction, links: Links, contract: Contract, plan: Plan, now: datetime
) -> list[News]:
    subscription = contract.subscription
    if subscription.status == "active" and subscription.paid_through is None:
        return _from_free_plan(tx, links, contract, plan, now)
    if plan.price == 0 and subscription.status in ("grace", "suspended"):
        if not is_held(subscription):
            return _onto_free_plan(tx, links, contract, plan, now)
    elif subscription.status == "trialing" and plan.price > 0:
        on_plan = msgspec.structs.replace(
            drop_change(subscription), plan_id=plan.id, price=plan.price, months=plan.months
        )
        on_new_plan = msgspec.structs.replace(contract, plan=plan)
        return put_in_force(tx, links, on_new_plan, on_plan, "subscription.plan_changed", now)
    pending = msgspec.structs.replace(subscription, next_plan_id=plan.id, next_price=plan.price)
    return put_in_force(tx, links, contract, pending, "subscription.updated", now)


def _from_free_plan(
    tx: Transaction, links: Links, contract: Contract, plan: Plan, now: datetime
) -> list[News]:
    """Onto a price when its first invoice is paid, and until then on the free plan; onto another
    free plan at once."""
    before = contract.subscription
    voided = void_open(tx, links, contract, "replaced", now)
    if plan.price == 0:
        free = onto_free_plan(before, plan, now)
        after = save(tx, before, msgspec.structs.replace(free, seq=before.seq + 1))
        return [*voided, news_of(tx, links, "subscription.plan_changed", contract, after)]
    after = save(
        tx,
        before,
        msgspec.structs.replace(
            before, next_plan_id=plan.id, next_price=plan.price, seq=before.seq + 1
        ),
    )
    draft = draft_first(contract.app, after, Terms(plan, plan.price, plan.months), now)
    issued = issue_invoice(tx, links, contract.app, contract.customer, after, draft, now).news
    return [*voided, news_of(tx, links, "subscription.updated", contract, after), *issued]


def _onto_free_plan(
    tx: Transaction, links: Links, contract: Contract, plan: Plan, now: datetime
) -> list[News]:
    """The paid period is over, so there is nothing to wait for, and nothing to pay any more."""
    before = contract.subscription
    voided = void_open(tx, links, contract, "replaced", now)
    free = onto_free_plan(before, plan, now)
    after = save(tx, before, msgspec.structs.replace(free, seq=before.seq + 1))
    return [*voided, news_of(tx, links, "subscription.plan_changed", contract, after)]

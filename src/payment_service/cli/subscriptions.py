"""`payment-service subscription …`"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import typer

from payment_service.actions.cancel_subscription import cancel_subscription
from payment_service.actions.change_plan import When, change_plan
from payment_service.actions.extend_subscription import extend_subscription
from payment_service.actions.move_paid_through import move_paid_through
from payment_service.actions.resume_subscription import resume_subscription
from payment_service.actions.suspend_subscription import suspend_subscription
from payment_service.actions.undo_cancellation import undo_cancellation
from payment_service.books.tell_subscription import tell_stored
from payment_service.cli import work
from payment_service.cli.output import AsJson, say, show
from payment_service.kit.errors import NotFound
from payment_service.kit.statements import Transaction
from payment_service.model.audit import By
from payment_service.model.customer import CUSTOMER_BY_REFERENCE
from payment_service.model.subscription import (
    OPEN,
    SUBSCRIPTION,
    SUBSCRIPTIONS_OF_CUSTOMER,
    Subscription,
)
from payment_service.resources import Links, SubscriptionResource
from payment_service.runtime import Runtime

commands = typer.Typer(
    help="Subscriptions, and what an admin does with them.",
    no_args_is_help=True,
    add_completion=False,
)
Named = Annotated[
    str, typer.Argument(help="Its id, sub_…, or with --app the app's own reference of the tenant.")
]
OfApp = Annotated[str | None, typer.Option("--app", help="The app, for a reference.")]
Reason = Annotated[str, typer.Option(help="Why; kept in the audit log.")]


@commands.command("show")
def show_one(subscription: Named, app: OfApp = None, as_json: AsJson = False) -> None:
    """Show a subscription. Example: payment-service subscription show tenant-42 --app app_…"""

    async def look(runtime: Runtime) -> SubscriptionResource:
        def query(tx: Transaction) -> SubscriptionResource:
            return tell_stored(tx, runtime.links, _found(tx, subscription, app).id)

        return await runtime.db.read(query)

    _show(work.call(look), as_json=as_json)


@commands.command("cancel")
def cancel(
    subscription: Named,
    app: OfApp = None,
    at_once: Annotated[
        bool, typer.Option("--now", help="At once, not at the end of the period.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Cancel at the end of the period, or at once with --now.

    Example: payment-service subscription cancel sub_… --now
    """
    _do(
        lambda tx, links, one, _, now: cancel_subscription(
            tx, links, one.app_id, one.id, at_once=at_once, now=now
        ),
        subscription, app, "", as_json=as_json,
    )  # fmt: skip


@commands.command("undo-cancel")
def undo_cancel(subscription: Named, app: OfApp = None, as_json: AsJson = False) -> None:
    """Undo a cancellation at the end of the period.

    Example: payment-service subscription undo-cancel sub_…
    """
    _do(
        lambda tx, links, one, _, now: undo_cancellation(tx, links, one.app_id, one.id, now=now),
        subscription, app, "", as_json=as_json,
    )  # fmt: skip


@commands.command("change-plan")
def change(
    subscription: Named,
    plan: Annotated[str, typer.Option(help="The new plan's code.")],
    app: OfApp = None,
    at_once: Annotated[
        bool, typer.Option("--now", help="An upgrade today, not with the next invoice.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Change the plan with the next invoice, or upgrade with --now.

    Example: payment-service subscription change-plan sub_… --plan tahunan --now
    """

    def deed(
        tx: Transaction, links: Links, one: Subscription, _: By, now: datetime
    ) -> SubscriptionResource:
        at: When = "now" if at_once else "renewal"
        done = change_plan(tx, links, one.app_id, one.id, plan, at=at, now=now)
        if done.upgrade_invoice is not None and done.upgrade_invoice.amount_due:
            say(f"takes effect when this is paid today: {done.upgrade_invoice.pay_url}")
        return done.subscription

    _do(deed, subscription, app, "", as_json=as_json)


@commands.command("suspend")
def suspend(
    subscription: Named, reason: Reason, app: OfApp = None, as_json: AsJson = False
) -> None:
    """Take access away until it is resumed; time runs on.

    Example: payment-service subscription suspend sub_… --reason "Abuse, ticket 118"
    """
    _do(
        lambda tx, links, one, by, now: suspend_subscription(
            tx, links, one.app_id, one.id, by=by, now=now
        ),
        subscription, app, reason, as_json=as_json,
    )  # fmt: skip


@commands.command("resume")
def resume(subscription: Named, reason: Reason, app: OfApp = None, as_json: AsJson = False) -> None:
    """Lift an admin's suspension; when the period is over, an invoice is issued first.

    Example: payment-service subscription resume sub_… --reason "Ticket 118 is solved"
    """
    _do(
        lambda tx, links, one, by, now: resume_subscription(
            tx, links, one.app_id, one.id, by=by, now=now
        ),
        subscription, app, reason, as_json=as_json,
    )  # fmt: skip


@commands.command("extend")
def extend(
    subscription: Named,
    days: Annotated[int, typer.Option(help="1 to 366, from the last paid day.")],
    reason: Reason,
    app: OfApp = None,
    as_json: AsJson = False,
) -> None:
    """Give days.

    Example: payment-service subscription extend sub_… --days 7 --reason "Outage of 20 November"
    """
    _do(
        lambda tx, links, one, by, now: extend_subscription(
            tx, links, one.app_id, one.id, days=days, by=by, now=now
        ),
        subscription, app, reason, as_json=as_json,
    )  # fmt: skip


@commands.command("move")
def move(
    subscription: Named,
    paid_through: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="The last paid day, today or later.")
    ],
    reason: Reason,
    app: OfApp = None,
    as_json: AsJson = False,
) -> None:
    """Move the last paid day to another date, which becomes the anchor.

    Example: payment-service subscription move sub_… --paid-through 2026-12-31
    --reason "All of them at the end of the month"
    """
    to = paid_through.date()
    _do(
        lambda tx, links, one, by, now: move_paid_through(
            tx, links, one.app_id, one.id, to=to, by=by, now=now
        ),
        subscription, app, reason, as_json=as_json,
    )  # fmt: skip


Deed = Callable[[Transaction, Links, Subscription, By, datetime], SubscriptionResource]


def _do(deed: Deed, named: str, app_id: str | None, reason: str, *, as_json: bool) -> None:
    def unit(tx: Transaction, runtime: Runtime) -> SubscriptionResource:
        found = _found(tx, named, app_id)
        now = work.now_for(tx, runtime, found.app_id)
        return deed(tx, runtime.links, found, work.by(runtime, reason), now)

    _show(work.write(unit), as_json=as_json)


def _found(tx: Transaction, named: str, app_id: str | None) -> Subscription:
    """By id; by reference the customer's open subscription, or the latest when none is open."""
    if app_id is None:
        found = tx.one(SUBSCRIPTION, id=named)
        if found is None:
            raise NotFound("subscription_not_found", "There is no subscription with this id.")
        return found
    customer = tx.one(CUSTOMER_BY_REFERENCE, app_id=app_id, reference=named)
    if customer is None:
        raise NotFound("customer_not_found", f"This app has no customer {named}.")
    all_of_them = tx.all(SUBSCRIPTIONS_OF_CUSTOMER, customer_id=customer.id, before="~", limit=100)
    open_ones = [one for one in all_of_them if one.status in OPEN]
    if len(open_ones) > 1:
        names = ", ".join(one.id for one in open_ones)
        raise typer.BadParameter(f"{named} has several subscriptions; give an id: {names}")
    if not all_of_them:
        raise NotFound("subscription_not_found", f"{named} has no subscription.")
    return (open_ones or all_of_them)[0]


def _show(one: SubscriptionResource, *, as_json: bool) -> None:
    invoice = one.open_invoice
    show(
        {
            "id": one.id,
            "customer": one.customer.reference,
            "plan": one.plan.code,
            "status": one.status,
            "reason": one.reason,
            "access": one.access,
            "paid_through": one.paid_through.isoformat() if one.paid_through else None,
            "grace_until": one.grace_until.isoformat() if one.grace_until else None,
            "cancel_at_period_end": one.cancel_at_period_end,
            "pending_change": one.pending_change.plan if one.pending_change else None,
            "open_invoice": invoice.number if invoice else None,
            "amount_due": invoice.amount_due if invoice else None,
            "pay_url": one.pay_url,
        },
        as_json=as_json,
        document=one,
    )

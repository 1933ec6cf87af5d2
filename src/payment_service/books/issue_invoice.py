"""Issue an invoice: its number, its lines and its dates, as the settings stand today."""

from datetime import datetime, timedelta

from payment_service.kit.calendar import local_date, months_on
from payment_service.kit.ids import new_id, new_token
from payment_service.kit.statements import Transaction, add
from payment_service.model.app import App
from payment_service.model.invoice import Invoice, Line, Schedule, next_number
from payment_service.model.plan import Plan
from payment_service.model.subscription import Subscription


def issue_first_invoice(
    tx: Transaction, app: App, subscription: Subscription, plan: Plan, now: datetime
) -> Invoice:
    """The invoice that opens a subscription: void when not paid within the app's timeout.

    Its period is a proposal that counts from today; settling writes the one that was bought.
    """
    today = local_date(now, app.zone)
    void_at = now + timedelta(hours=app.pending_timeout_hours)
    invoice = Invoice(
        id=new_id("inv", now),
        app_id=app.id,
        customer_id=subscription.customer_id,
        subscription_id=subscription.id,
        plan_id=plan.id,
        number=next_number(tx, app, today),
        kind="first",
        status="open",
        lines=(Line(description=plan.name, amount=subscription.price),),
        total=subscription.price,
        credit_applied=0,
        months=subscription.months,
        period_start=today + timedelta(days=1),
        period_end=months_on(today, subscription.months, today.day),
        issued_on=today,
        due_on=local_date(void_at, app.zone),
        void_at=void_at,
        schedule=_schedule(app, plan),
        seller=app.seller,
        pay_token=new_token(),
        paid_at=None,
        paid_on=None,
        voided_at=None,
        void_reason=None,
        metadata={},
        created_at=now,
        version=1,
    )
    add(tx, invoice)
    return invoice


def _schedule(app: App, plan: Plan) -> Schedule:
    grace = plan.grace_days if plan.grace_days is not None else app.grace_days
    return Schedule(grace_days=grace, reminder_days=app.reminder_days)

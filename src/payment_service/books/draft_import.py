"""Draft an import: the records that a line becomes, whole but for the numbers of invoices."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import msgspec

from payment_service.books.draft_charge import draft_charge
from payment_service.books.draft_invoice import Terms, draft_renewal
from payment_service.kit.calendar import start_of, zone_info
from payment_service.kit.ids import new_id, new_token
from payment_service.model.ahead import ALONE
from payment_service.model.charge import Charge
from payment_service.model.charge import Status as ChargeStatus
from payment_service.model.customer import Customer
from payment_service.model.import_check import Case, standing_of, total_of
from payment_service.model.import_line import OldCode, PaidInvoice, Row
from payment_service.model.invoice import IMPORTED_NUMBER, Invoice, Line
from payment_service.model.payment import MANUAL, Payment
from payment_service.model.plan import Plan
from payment_service.model.reminder import next_reminder
from payment_service.model.subscription import Subscription

A_LIFE = timedelta(hours=24)
"""After so long gateways cancel what was not paid."""
MADE_BEFORE = timedelta(days=31)
"""How long before the due day an order may have been made, where nothing says when it was."""
TICK = timedelta(milliseconds=1)
"""Ids made at one time have no order; so far apart they have."""


class Drafted(msgspec.Struct, frozen=True):
    """One line's records. Of a customer who is known the id is right, the rest as the file says.
    `owes_anew` says that the open invoice is none of the older system's, but one that is issued
    for what is unpaid."""

    row: Row
    plan: Plan
    customer: Customer
    customer_is_new: bool
    subscription: Subscription
    paid: tuple[Invoice, ...]
    open_invoice: Invoice | None
    owes_anew: bool
    charges: tuple[Charge, ...]
    payments: tuple[Payment, ...]


def draft_import(case: Case, row: Row, known_id: str | None) -> Drafted:
    """Of a line in which nothing is wrong; `known_id` is the customer's, if the app has it."""
    plan = case.plans[row.plan]
    customer = _customer(case, row, known_id)
    subscription = _subscription(case, row, plan, customer.id)
    terms = Terms(plan, subscription.price, subscription.months)
    open_invoice: Invoice | None = None
    codes: tuple[Charge, ...] = ()
    is_unpaid = subscription.status == "grace" or subscription.reason == "nonpayment"
    if row.open_invoice is not None or is_unpaid:
        draft = draft_renewal(case.app, subscription, terms, case.now)
        open_invoice = _open_invoice(case, row, draft, len(row.paid_invoices))
        codes = tuple(_codes(case, row, open_invoice))
    paid, charges, payments = [], [], []
    for place, one in enumerate(sorted(row.paid_invoices, key=lambda one: one.period_start)):
        draft = draft_renewal(case.app, subscription, terms, case.now)
        invoice = _paid_invoice(case, one, draft, place)
        charge = _paid_charge(case, one, invoice, place) if one.order_id else None
        paid.append(invoice)
        charges += [charge] if charge else []
        payments.append(_payment(case, one, invoice, charge, place))
    return Drafted(
        row=row,
        plan=plan,
        customer=customer,
        customer_is_new=known_id is None,
        subscription=subscription,
        paid=tuple(paid),
        open_invoice=open_invoice,
        owes_anew=row.open_invoice is None,
        charges=(*charges, *codes),
        payments=tuple(payments),
    )


def _customer(case: Case, row: Row, known_id: str | None) -> Customer:
    """Its trial is over: it is no new customer."""
    return Customer(
        id=known_id or new_id("cus", case.now),
        app_id=case.app.id,
        reference=row.reference,
        name=row.name,
        email=row.email,
        phone=row.phone,
        metadata=row.customer_metadata or {},
        trial_used_at=case.now,
        forgotten_at=None,
        created_at=case.now,
        version=1,
    )


def _subscription(case: Case, row: Row, plan: Plan, customer_id: str) -> Subscription:
    standing = standing_of(case, row, plan)
    return Subscription(
        id=new_id("sub", case.now),
        app_id=case.app.id,
        customer_id=customer_id,
        plan_id=plan.id,
        status=standing.status,
        reason=standing.reason,
        price=plan.price if row.price is None else row.price,
        months=plan.months,
        anchor_day=row.anchor_day or (row.paid_through.day if row.paid_through else None),
        paid_through=row.paid_through,
        grace_until=standing.grace_until,
        cancel_at_period_end=row.cancel_at_period_end,
        next_plan_id=None,
        next_price=None,
        seq=1,
        pay_token=new_token(),
        return_url=None,
        exclusive=not case.app.many_subscriptions,
        metadata=row.metadata,
        activated_at=None if standing.status == "trialing" else case.now,
        suspended_at=case.now if standing.status == "suspended" else None,
        ended_at=None,
        created_at=case.now,
        version=1,
    )


def _open_invoice(case: Case, row: Row, draft: Invoice, place: int) -> Invoice:
    """The next period's, as the older system issued it, or as it should have been."""
    old = row.open_invoice
    draft = msgspec.structs.replace(draft, id=new_id("inv", case.now + place * TICK))
    if old is None:
        return draft
    due_on = old.due_on or draft.due_on
    return msgspec.structs.replace(
        draft,
        lines=(Line(draft.lines[0].description, old.amount),),
        total=old.amount,
        due_on=due_on,
        remind_on=next_reminder(case.app, draft.schedule.reminder_days, due_on, case.now),
        metadata=_numbered(old.number),
    )


def _numbered(number: str | None) -> dict[str, Any]:
    return {IMPORTED_NUMBER: number} if number else {}


def _codes(case: Case, row: Row, invoice: Invoice) -> Iterator[Charge]:
    """The gateway is asked about each of them soon: what was paid before the import is found so."""
    codes = row.open_invoice.codes if row.open_invoice else ()
    for place, code in enumerate(codes):
        earliest = min(invoice.due_on, case.today) - MADE_BEFORE
        made = case.instant(code.made_at) if code.made_at else start_of(earliest, case.app.zone)
        ends = case.instant(code.expires_at) if code.expires_at else None
        if ends is None:
            ends = (made if code.made_at else case.now) + A_LIFE
        total = total_of(case, invoice.total, code)
        yield _charge(
            case,
            invoice,
            code,
            len(row.paid_invoices) + place,
            status=_status_of(case, code, ends, is_last=place == len(codes) - 1),
            fee=total - invoice.total,
            total_payment=total,
            qr_string=code.qr,
            opened_at=min(made, ends),
            expires_at=ends,
            check_at=case.now,
            created_at=min(made, ends),
        )


def _status_of(case: Case, code: OldCode, ends: datetime, *, is_last: bool) -> ChargeStatus:
    """Only a code whose picture is there can be shown, and only one of an invoice is."""
    if ends <= case.now:
        return "expired"
    return "open" if is_last and code.qr else "replaced"


def _charge(
    case: Case, invoice: Invoice, named: OldCode | PaidInvoice, place: int, **changes: Any
) -> Charge:
    now, gateway = case.now, case.app.gateway or "simulator"
    named_so: dict[str, Any] = {
        "id": new_id("chg", now + place * TICK),
        "status": "expired",
        "order_id": named.order_id,
        # Where the gateway's own id is not known, asking by the order finds it.
        "reference": named.transaction_id or named.order_id,
    }
    charge = draft_charge(invoice, gateway, invoice.total, ALONE, now)
    return msgspec.structs.replace(charge, **{**named_so, **changes})


def _paid_at(case: Case, paid: PaidInvoice) -> datetime:
    """Noon of that day, before the import: history is what was paid before it was issued here."""
    noon = datetime.combine(paid.paid_on, time(12), zone_info(case.app.zone)).astimezone(UTC)
    return min(noon, case.now - TICK)


def _paid_invoice(case: Case, paid: PaidInvoice, draft: Invoice, place: int) -> Invoice:
    return msgspec.structs.replace(
        draft,
        id=new_id("inv", case.now + place * TICK),
        kind="renewal",
        status="paid",
        lines=(Line(draft.lines[0].description, paid.amount),),
        total=paid.amount,
        period_start=paid.period_start,
        period_end=paid.period_end,
        due_on=paid.paid_on,
        remind_on=None,
        paid_at=_paid_at(case, paid),
        paid_on=paid.paid_on,
        metadata=_numbered(paid.number),
    )


def _paid_charge(case: Case, paid: PaidInvoice, invoice: Invoice, place: int) -> Charge:
    made = _paid_at(case, paid)
    return _charge(
        case,
        invoice,
        paid,
        place,
        status="paid",
        is_sandbox=case.app.mode == "test",
        created_at=made,
    )


def _payment(
    case: Case, paid: PaidInvoice, invoice: Invoice, charge: Charge | None, place: int
) -> Payment:
    return Payment(
        id=new_id("pay", case.now + place * TICK),
        app_id=case.app.id,
        customer_id=invoice.customer_id,
        invoice_id=invoice.id,
        charge_id=charge.id if charge else None,
        gateway=charge.gateway if charge else MANUAL,
        reference=(charge.reference if charge else None) or paid.number,
        amount=paid.amount,
        fee=0,
        outcome="settled",
        reason=None,
        note=None if charge else "Imported",
        is_sandbox=charge is not None and case.app.mode == "test",
        paid_at=_paid_at(case, paid),
        paid_on=paid.paid_on,
        created_at=case.now,
    )

"""The page of a subscription: how it stands, what comes next, and everything that happened."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from starlette.responses import Response

from payment_service.kit.calendar import ZONE_LETTERS, local_date
from payment_service.kit.statements import Transaction
from payment_service.model.access_days import began_on, closed_at
from payment_service.model.due import grace_of
from payment_service.model.history import history
from payment_service.model.invoice import Invoice
from payment_service.model.invoice_list import OPEN_ONES_OF_CUSTOMER
from payment_service.model.subscription import WITH_ACCESS
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.subscriptions.deeds import DANGEROUS, deeds_of
from payment_service.web.dashboard.subscriptions.rail import Rail, rail_of
from payment_service.web.dashboard.subscriptions.subject import Subject, subject_of
from payment_service.web.dashboard.subscriptions.whatsapp import whatsapp_links
from payment_service.web.dashboard.timeline import Timeline, place_in, timeline_of

ON_A_PAGE = 20


class Page(NamedTuple):
    """`ended` is the day on which access was closed; `others` are open invoices for something
    else."""

    subject: Subject
    rail: Rail | None
    grace_until: date | None
    ended: date | None
    history: Timeline
    others: Sequence[Invoice]


async def show_subscription(ask: Ask) -> Response:
    page = await ask.read(_page, ask)
    subject = page.subject
    links = ask.runtime.links
    may = ask.admin.may("finance")
    return ask.page(
        "subscriptions/subscription.html",
        page=page,
        subject=subject,
        deeds=deeds_of(subject.standing, subject.app) if may else (),
        dangerous=DANGEROUS,
        whatsapp=whatsapp_links(subject, links) if may else [],
        pay_url=links.pay(subject.subscription.pay_token),
        may=may,
        is_newest="before" not in ask.query,
        lead=timedelta(days=subject.app.renewal_lead_days),
        day=timedelta(days=1),
        zone_letters=ZONE_LETTERS[subject.app.zone],
    )


def _page(tx: Transaction, ask: Ask) -> Page:
    subject = subject_of(tx, ask)
    grace_until = _grace_until(subject)
    closed = closed_at(tx, subject.subscription)
    ended = local_date(closed, subject.app.zone) if closed is not None else None
    place = place_in(ask.query.get("before", ""))
    found = history(tx, subject.subscription.id, place, ON_A_PAGE)
    open_ones = tx.all(OPEN_ONES_OF_CUSTOMER, customer_id=subject.customer.id)
    return Page(
        subject,
        _rail(tx, subject, grace_until, ended),
        grace_until,
        ended,
        timeline_of(tx, subject.app, found),
        [one for one in open_ones if one.kind == "one_off"],
    )


def _grace_until(subject: Subject) -> date | None:
    """The last day of access without payment, where money is what it ends by."""
    one, invoice = subject.subscription, subject.open_invoice
    if one.paid_through is None or one.cancel_at_period_end:
        return None
    if one.status not in WITH_ACCESS:
        return None
    if invoice is not None:
        return grace_of(one, invoice)
    days = subject.plan.grace_days
    return one.paid_through + timedelta(subject.app.grace_days if days is None else days)


def _rail(
    tx: Transaction, subject: Subject, grace_until: date | None, ended: date | None
) -> Rail | None:
    one, zone = subject.subscription, subject.app.zone
    day = subject.today if ended is None else min(ended, subject.today)
    began = began_on(tx, one, day, local_date(one.created_at, zone))
    if ended is not None and one.paid_through is not None and ended > one.paid_through:
        grace_until = ended - timedelta(days=1)
    return rail_of(one, began, grace_until, ended, subject.today)

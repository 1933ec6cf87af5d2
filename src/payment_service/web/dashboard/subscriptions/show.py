"""The page of a subscription: how it stands, what comes next, and everything that happened."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from starlette.responses import Response

from payment_service.kit.calendar import ZONE_LETTERS, local_date
from payment_service.kit.statements import Transaction
from payment_service.model.access_days import began_on, closed_at
from payment_service.model.due import grace_of
from payment_service.model.history import DeliveryState, Place, history
from payment_service.model.history_detail import Told, plan_names, tell
from payment_service.model.invoice import Invoice
from payment_service.model.invoice_list import OPEN_ONES_OF_CUSTOMER
from payment_service.model.subscription import WITH_ACCESS
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.subscriptions.deeds import DANGEROUS, deeds_of
from payment_service.web.dashboard.subscriptions.rail import Rail, rail_of
from payment_service.web.dashboard.subscriptions.subject import Subject, subject_of
from payment_service.web.dashboard.subscriptions.whatsapp import whatsapp_links

ON_A_PAGE = 20


class Page(NamedTuple):
    """`ended` is the day on which access was closed; `days` are the entries by their local day,
    `plans` names of plans by code. `others` are open invoices for something else."""

    subject: Subject
    rail: Rail | None
    grace_until: date | None
    ended: date | None
    days: Sequence[tuple[date, Sequence[Told]]]
    plans: dict[str, str]
    deliveries: dict[str, list[DeliveryState]]
    older: str | None
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
        pay_url=links.pay(subject.subscription.pay_token) if may else "",
        is_newest="before" not in ask.query,
        lead=timedelta(days=subject.app.renewal_lead_days),
        day=timedelta(days=1),
        zone_letters=ZONE_LETTERS[subject.app.zone],
    )


def _page(tx: Transaction, ask: Ask) -> Page:
    subject = subject_of(tx, ask)
    grace_until = _grace_until(subject)
    found = history(tx, subject.subscription.id, _place(ask.query.get("before", "")), ON_A_PAGE)
    entries = tell(tx, found.entries)
    days: list[tuple[date, list[Told]]] = []
    for told in entries:
        day = local_date(told.entry.at, subject.app.zone)
        if not days or days[-1][0] != day:
            days.append((day, []))
        days[-1][1].append(told)
    closed = closed_at(tx, subject.subscription)
    ended = local_date(closed, subject.app.zone) if closed is not None else None
    open_ones = tx.all(OPEN_ONES_OF_CUSTOMER, customer_id=subject.customer.id)
    older = found.following
    return Page(
        subject,
        _rail(tx, subject, grace_until, ended),
        grace_until,
        ended,
        days,
        plan_names(tx, subject.app.id, entries),
        found.deliveries,
        f"{older.at.isoformat()}~{older.position}~{older.id}" if older else None,
        [one for one in open_ones if one.kind == "one_off"],
    )


def _place(text: str) -> Place | None:
    """Where an older page begins, as its link says."""
    at, _, rest = text.partition("~")
    position, _, id_ = rest.partition("~")
    try:
        instant = datetime.fromisoformat(at)
        number = int(position)
    except ValueError:
        return None
    if instant.tzinfo is None or not 0 <= number < 2**62:
        return None
    return Place(instant, number, id_[:60])


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

"""Import subscriptions of an older system: every line of a file, or none."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import msgspec

from payment_service.books.draft_import import Drafted, draft_import
from payment_service.kit.statements import Duplicate, Transaction, add_all
from payment_service.model.app import App, app_by_id
from payment_service.model.audit import By, checked_reason, record
from payment_service.model.customer import (
    CUSTOMER_LOCKED,
    Customer,
    add_customers,
    save_customer,
)
from payment_service.model.import_check import Case, Named, flaws_of, names_in
from payment_service.model.import_known import (
    ORDER_IS_TAKEN,
    REFERENCE_IS_TAKEN,
    Known,
    known_customers,
)
from payment_service.model.import_line import Flaw, Line
from payment_service.model.invoice import Invoice, next_numbers
from payment_service.model.payment import MANUAL
from payment_service.model.plan import PLANS_OF_APP
from payment_service.outbox import News, announce
from payment_service.resources import Links, invoice_resource, subscription_resource
from payment_service.runtime import Runtime, now_of

CHUNK = 1000
"""Lines at a time: PostgreSQL waits for a statement no longer than it takes to make these."""
Told = Callable[[str, int, int], None]
"""Hears what is being done, how many lines of it are, and of how many."""
T = TypeVar("T")


class Imported(msgspec.Struct, frozen=True):
    """What was brought in, or, with `flaws`, why nothing was."""

    subscriptions: int = 0
    new_customers: int = 0
    open_invoices: int = 0
    codes: int = 0
    paid_invoices: int = 0
    flaws: tuple[Flaw, ...] = ()


async def import_subscriptions(
    runtime: Runtime,
    app_id: str,
    lines: Sequence[Line],
    *,
    by: By,
    dry_run: bool = False,
    told: Told = lambda *_: None,
) -> Imported:
    """Check every line, then write all of them in one transaction; nothing when one is wrong.

    Everything is made ready before that transaction begins: while it runs, no other writes on
    SQLite. Raises NotFound for an unknown app.
    """
    checked_reason(by)
    app = await runtime.db.read(app_by_id, app_id)
    for attempt in range(2):
        case, known, flaws = await _checked(runtime, app, lines, told)
        if flaws:
            return Imported(flaws=tuple(flaws))
        drafts = list(_drafts(case, lines, known, told))
        if dry_run:
            return _counted(drafts)
        try:
            return await runtime.db.write(_write, runtime.links, case, drafts, known, by, told)
        except Duplicate:  # somebody came in between; the second look names the line
            if attempt:
                raise
    raise AssertionError("unreachable")


async def _checked(
    runtime: Runtime, app: App, lines: Sequence[Line], told: Told
) -> tuple[Case, dict[str, Known], list[Flaw]]:
    plans = await runtime.db.read(
        lambda tx: tx.all(PLANS_OF_APP, app_id=app.id, before="~", limit=100_000)
    )
    case = Case(app, {plan.code: plan for plan in plans}, now_of(runtime, app))
    flaws: list[Flaw] = []
    for done, line in enumerate(lines):
        flaws += flaws_of(case, line)
        if done % CHUNK == 0:
            told("checking", done, len(lines))
    known = await runtime.db.examine(known_customers, app.id)
    names = [name for line in lines for name in names_in(line, customers_once=_once(app))]
    flaws += _named_twice(names)
    flaws += await runtime.db.examine(_taken, app, names, known)
    return case, known, sorted(flaws, key=lambda flaw: (flaw.line, flaw.field))


def _once(app: App) -> bool:
    return not app.many_subscriptions


def _named_twice(names: Sequence[Named]) -> Iterator[Flaw]:
    first: dict[tuple[str, str], Named] = {}
    for one in names:
        earlier = first.setdefault((one.kind, one.name), one)
        if earlier is not one:
            message = f"“{one.name[:100]}” stands on line {earlier.line} already"
            yield Flaw(one.line, one.field, message)


def _taken(
    tx: Transaction, app: App, names: Sequence[Named], known: dict[str, Known]
) -> list[Flaw]:
    """What the books have already, by the same name."""
    flaws = []
    gateway = app.gateway or "simulator"
    for kind, name, line, field in names:
        found: str | None = None
        if kind == "customer":
            found = known[name].subscription_id if name in known else None
        elif kind == "order":
            found = tx.one(ORDER_IS_TAKEN, app_id=app.id, order_id=name)
        else:
            of = MANUAL if kind == "by hand" else gateway
            found = tx.one(REFERENCE_IS_TAKEN, app_id=app.id, gateway=of, reference=name)
        if found is not None:
            what = "has an open subscription" if kind == "customer" else "is in the books"
            flaws.append(Flaw(line, field, f"“{name[:100]}” {what} already, {found}"))
    return flaws


def _drafts(
    case: Case, lines: Sequence[Line], known: dict[str, Known], told: Told
) -> Iterator[Drafted]:
    ids = {reference: one.id for reference, one in known.items()}
    for done, line in enumerate(lines):
        draft = draft_import(case, line.row, ids.get(line.row.reference))
        ids.setdefault(line.row.reference, draft.customer.id)
        if done % CHUNK == 0:
            told("preparing", done, len(lines))
        yield draft


def _counted(drafts: Sequence[Drafted]) -> Imported:
    charges = [charge for one in drafts for charge in one.charges]
    return Imported(
        subscriptions=len(drafts),
        new_customers=sum(one.customer_is_new for one in drafts),
        open_invoices=sum(one.open_invoice is not None for one in drafts),
        codes=sum(charge.status != "paid" for charge in charges),
        paid_invoices=sum(len(one.paid) for one in drafts),
    )


def _chunks(things: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(things), CHUNK):
        yield things[start : start + CHUNK]


def _write(
    tx: Transaction,
    links: Links,
    case: Case,
    drafts: Sequence[Drafted],
    known: dict[str, Known],
    by: By,
    told: Told,
) -> Imported:
    """In the order of the locks: customers that are known, then what is new, counters last."""
    app, now = case.app, case.now
    of_known = [one for one in drafts if one.row.reference in known]
    customers = {one.customer.id: one.customer for one in drafts if one.customer_is_new}
    for one in sorted(of_known, key=lambda one: one.customer.id):
        customers[one.customer.id] = _update_customer(tx, one)
    done = 0
    for chunk in _chunks(drafts):
        add_customers(tx, [one.customer for one in chunk if one.customer_is_new])
        add_all(tx, [one.subscription for one in chunk])
        done += len(chunk)
        told("writing", done, 2 * len(drafts))
    count = _invoices_in(drafts)
    numbers = iter(next_numbers(tx, app, case.today, count) if count else ())
    counts = _counted(drafts)
    issued = [_numbered(one, numbers) for one in drafts]
    for chunk, invoices in zip(_chunks(drafts), _chunks(issued), strict=True):
        add_all(tx, [invoice for some in invoices for invoice in some])
        add_all(tx, [charge for one in chunk for charge in one.charges])
        add_all(tx, [payment for one in chunk for payment in one.payments])
    brought = {name: count for name, count in msgspec.structs.asdict(counts).items() if count}
    record(tx, by, app.id, "subscriptions.import", app.id, **brought)
    for chunk, invoices in zip(_chunks(drafts), _chunks(issued), strict=True):
        news = [
            item
            for one, some in zip(chunk, invoices, strict=True)
            for item in _news(one, customers[one.customer.id], some, links)
        ]
        announce(tx, app.id, news, now)
        done += len(chunk)
        told("writing", done, 2 * len(drafts))
    return counts


def _invoices_in(drafts: Sequence[Drafted]) -> int:
    return sum(len(one.paid) + (one.open_invoice is not None) for one in drafts)


def _numbered(draft: Drafted, numbers: Iterator[str]) -> list[Invoice]:
    drafted = [*draft.paid, *([draft.open_invoice] if draft.open_invoice else [])]
    return [msgspec.structs.replace(one, number=next(numbers)) for one in drafted]


def _update_customer(tx: Transaction, draft: Drafted) -> Customer:
    """What the file says of a customer that the app has replaces what was known."""
    before = tx.one(CUSTOMER_LOCKED, id=draft.customer.id)
    if before is None:
        raise LookupError(f"no customer {draft.customer.id}")
    row = draft.row
    after = msgspec.structs.replace(
        before,
        name=row.name or before.name,
        email=row.email or before.email,
        phone=row.phone or before.phone,
        metadata=before.metadata if row.customer_metadata is None else row.customer_metadata,
        trial_used_at=before.trial_used_at or draft.customer.trial_used_at,
    )
    return save_customer(tx, before, after)


def _news(
    draft: Drafted, customer: Customer, invoices: list[Invoice], links: Links
) -> Iterator[News]:
    """One event for each subscription. What the older system told its tenants, issue and payment
    of invoices, is not told again; an invoice that is issued for the first time is."""
    open_invoice = invoices[-1] if draft.open_invoice else None
    subscription = draft.subscription
    resource = subscription_resource(subscription, customer, draft.plan, open_invoice, links)
    yield News("subscription.created", subscription.id, resource, links.passes)
    if open_invoice is not None and draft.owes_anew:
        issued = invoice_resource(open_invoice, customer.reference, links)
        yield News("invoice.issued", open_invoice.id, issued)

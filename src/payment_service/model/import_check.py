"""What the rules say of an import's lines: which status each has, and all that cannot be so."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from payment_service.kit import qris
from payment_service.kit.calendar import anchored, local_date, months_on, zone_info
from payment_service.kit.errors import Invalid
from payment_service.kit.money import rupiah
from payment_service.model.app import App
from payment_service.model.import_line import Flaw, Line, OldCode, OpenInvoice, PaidInvoice, Row
from payment_service.model.plan import Plan, check_metadata, check_price
from payment_service.model.subscription import Reason, Status

FARTHEST = timedelta(days=3653)
"""Ten years: a date farther from today is a slip."""
Said = tuple[str, str]
"""A field, and what is wrong in it."""


class Standing(NamedTuple):
    status: Status
    reason: Reason | None
    grace_until: date | None


class Case(NamedTuple):
    """The app that is imported into, and when."""

    app: App
    plans: Mapping[str, Plan]
    now: datetime

    @property
    def today(self) -> date:
        return local_date(self.now, self.app.zone)

    def instant(self, told: datetime) -> datetime:
        """UTC; what has no zone is local to the app."""
        if told.tzinfo is None:
            told = told.replace(tzinfo=zone_info(self.app.zone))
        return told.astimezone(UTC)


def standing_of(case: Case, row: Row, plan: Plan) -> Standing:
    """As its dates say, unless the line tells of a trial or an admin's suspension."""
    if row.status == "suspended" and row.reason == "manual":
        return Standing("suspended", "manual", None)
    if row.paid_through is None or row.paid_through >= case.today:
        return Standing("trialing" if row.status == "trialing" else "active", None, None)
    grace = plan.grace_days if plan.grace_days is not None else case.app.grace_days
    grace_until = row.paid_through + timedelta(days=grace)
    if grace_until >= case.today:
        return Standing("grace", None, grace_until)
    return Standing("suspended", "nonpayment", grace_until)


def flaws_of(case: Case, line: Line) -> list[Flaw]:
    """Everything that the rules refuse in one line."""
    return [Flaw(line.number, field, message) for field, message in _of_row(case, line.row)]


def _of_row(case: Case, row: Row) -> Iterator[Said]:
    yield from _of_metadata(row)
    plan = case.plans.get(row.plan)
    if plan is None:
        yield "plan", f"there is no plan with the code “{row.plan[:50]}”"
        return
    if row.reason is not None and row.status != "suspended":
        yield "reason", "only a line with the status suspended has one"
    if plan.price == 0:
        yield from _of_free_plan(row)
        return
    if row.price is not None:
        yield from _of_price(row.price)
    if row.paid_through is None:
        yield "paid_through", "it is missing, and the plan has a price"
        return
    if abs(row.paid_through - case.today) > FARTHEST:
        yield "paid_through", f"{row.paid_through} is more than ten years from today"
        return
    yield from _of_status(case, row, plan)
    through = row.paid_through
    anchor = row.anchor_day or through.day
    if anchored(through.year, through.month, anchor) != through:
        yield "anchor_day", f"{through} is no last day of periods that end on the {anchor}."
    if row.open_invoice is not None:
        yield from _of_open_invoice(case, row, row.open_invoice, plan)
    yield from _of_history(case, row, through)


def _of_metadata(row: Row) -> Iterator[Said]:
    for name in ("metadata", "customer_metadata"):
        try:
            check_metadata(name, getattr(row, name) or {})
        except Invalid as refusal:
            yield name, refusal.detail


def _of_price(price: int) -> Iterator[Said]:
    if price == 0:
        yield "price", "0 is for a plan that is free"
        return
    try:
        check_price(price)
    except Invalid as refusal:
        yield "price", refusal.detail


def _of_free_plan(row: Row) -> Iterator[Said]:
    if row.price:
        yield "price", "the plan is free"
    if row.status not in (None, "active") and row.reason != "manual":
        yield "status", "on a free plan it is active, or suspended with the reason manual"
    for name in ("paid_through", "anchor_day", "open_invoice"):
        if getattr(row, name) is not None:
            yield name, "a free plan has none"
    if row.paid_invoices:
        yield "paid_invoices", "a free plan has none"
    if row.cancel_at_period_end:
        yield "cancel_at_period_end", "a free plan has no period's end"


def _of_status(case: Case, row: Row, plan: Plan) -> Iterator[Said]:
    standing = standing_of(case, row, plan)
    if row.status is not None and row.status != standing.status:
        yield (
            "status",
            f"paid through {row.paid_through} it is {standing.status}, not {row.status}; leave "
            "it out, or give the reason manual with suspended",
        )
    if row.cancel_at_period_end:
        if standing.status not in ("active", "trialing"):
            yield "cancel_at_period_end", f"what is {standing.status} has no period's end ahead"
        if row.open_invoice is not None:
            yield "open_invoice", "what ends with its period owes nothing for the next"


def _of_open_invoice(case: Case, row: Row, invoice: OpenInvoice, plan: Plan) -> Iterator[Said]:
    if invoice.due_on is not None and abs(invoice.due_on - case.today) > FARTHEST:
        yield "open_invoice.due_on", f"{invoice.due_on} is more than ten years from today"
    elif invoice.due_on is not None and row.paid_through is not None:
        anchor = row.anchor_day or row.paid_through.day
        begins = months_on(row.paid_through, -plan.months, anchor) + timedelta(days=1)
        if invoice.due_on < begins:
            yield (
                "open_invoice.due_on",
                f"{invoice.due_on} lies before {begins}, on which the paid period before it began",
            )
    price = plan.price if row.price is None else row.price
    if row.status == "trialing" and invoice.amount != price:
        yield "open_invoice.amount", f"after a trial the first invoice is over {rupiah(price)}"
    if invoice.codes and case.app.mode == "live" and case.app.gateway is None:
        yield "open_invoice.codes", "set up the app's gateway first; it is asked about them"
    for place, code in enumerate(invoice.codes):
        for field, message in _of_code(case, invoice.amount, code):
            yield f"open_invoice.codes[{place}].{field}", message


def _of_code(case: Case, amount: int, code: OldCode) -> Iterator[Said]:
    made = case.instant(code.made_at) if code.made_at else None
    ends = case.instant(code.expires_at) if code.expires_at else None
    for name, instant in (("made_at", made), ("expires_at", ends)):
        if instant is not None and abs(instant - case.now) > FARTHEST:
            yield name, f"{instant:%Y-%m-%d} is more than ten years from today"
    if made is not None and made > case.now:
        yield "made_at", "it lies in the future"
    if made is not None and ends is not None and ends <= made:
        yield "expires_at", "it lies before made_at"
    total = total_of(case, amount, code)
    if not 0 <= total - amount <= amount * 2 // 100 + 1000:
        yield "total", "it is the amount, and a fee of at most 2 % and Rp1.000"
    if code.qr is not None and case.app.mode == "live" and not _is_sound(code.qr, total):
        yield "qr", f"it is no QRIS code with a right checksum, in rupiah, for {rupiah(total)}"


def total_of(case: Case, amount: int, code: OldCode) -> int:
    """Rupiah that the payer is debited: as told, else what the code itself asks for."""
    if code.total is not None:
        return code.total
    if code.qr is None or case.app.mode != "live":
        return amount
    try:
        return qris.parse(code.qr).amount or amount
    except qris.QrisError:
        return amount


def _is_sound(text: str, total: int) -> bool:
    try:
        code = qris.parse(text)
    except qris.QrisError:
        return False
    return code.crc_ok and code.currency == qris.RUPIAH and code.amount == total


def _of_history(case: Case, row: Row, through: date) -> Iterator[Said]:
    begun: set[date] = set()
    for place, paid in enumerate(row.paid_invoices):
        for field, message in _of_paid(case, paid, through):
            yield f"paid_invoices[{place}].{field}", message
        if paid.period_start in begun:
            yield (
                f"paid_invoices[{place}].period_start",
                f"another paid invoice's period begins on {paid.period_start} too",
            )
        begun.add(paid.period_start)


def _of_paid(case: Case, paid: PaidInvoice, through: date) -> Iterator[Said]:
    if paid.paid_on > case.today:
        yield "paid_on", f"{paid.paid_on} lies in the future"
    if paid.paid_on < case.today - 3 * FARTHEST:
        yield "paid_on", f"{paid.paid_on} is more than thirty years ago"
    if paid.period_end < paid.period_start:
        yield "period_end", f"{paid.period_end} lies before period_start"
    if paid.period_end > through:
        yield "period_end", f"{paid.period_end} lies after paid_through, {through}"
    if paid.order_id is not None and case.app.mode == "live" and case.app.gateway is None:
        yield "order_id", "set up the app's gateway first, or leave the order out"
    if paid.transaction_id is not None and paid.order_id is None:
        yield "order_id", "it is missing, and there is a transaction_id"


class Named(NamedTuple):
    """Something in the file that only one thing may be called, and where it stands."""

    kind: str
    name: str
    line: int
    field: str


def names_in(line: Line, *, customers_once: bool) -> Iterator[Named]:
    """What the line gives names to: the customer, orders, transactions, payments by hand."""
    if customers_once:
        yield Named("customer", line.row.reference, line.number, "reference")
    invoice = line.row.open_invoice
    for place, code in enumerate(invoice.codes if invoice else ()):
        at = f"open_invoice.codes[{place}]"
        yield Named("order", code.order_id, line.number, f"{at}.order_id")
        name = code.transaction_id or code.order_id
        yield Named("transaction", name, line.number, f"{at}.transaction_id")
    for place, paid in enumerate(line.row.paid_invoices):
        at = f"paid_invoices[{place}]"
        if paid.order_id is None:
            yield Named("by hand", paid.number, line.number, f"{at}.number")
            continue
        yield Named("order", paid.order_id, line.number, f"{at}.order_id")
        name = paid.transaction_id or paid.order_id
        yield Named("transaction", name, line.number, f"{at}.transaction_id")

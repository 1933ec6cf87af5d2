"""An invoice for something else than a period: up to fifty lines, of which a discount is one."""

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

from payment_service.actions.issue_one_off import DUE_AFTER, MOST_LINES, issue_one_off
from payment_service.kit.errors import Invalid
from payment_service.kit.statements import Transaction
from payment_service.model.audit import By, record
from payment_service.model.invoice import Line
from payment_service.model.plan import LARGEST, SMALLEST
from payment_service.resources import InvoiceResource, Links
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.day_text import day_in
from payment_service.web.dashboard.forms import Filled
from payment_service.web.dashboard.rupiah_text import signed_rupiah_in
from payment_service.web.dashboard.subscriptions.deed_page import do_deed, show_deed
from payment_service.web.dashboard.subscriptions.subject import Subject

MORE = 3
"""Rows that are added at a time."""


async def show_one_off(ask: Ask) -> Response:
    return await show_deed(ask, "one-off", _one_off)


async def issue_alone(ask: Ask) -> Response:
    if ask.text("more"):
        filled = Filled(ask.path, ask.texts)
        return await show_one_off(msgspec.structs.replace(ask, filled=filled))
    lines, due_on = _lines(ask), day_in(ask.text("due_on").strip())
    if due_on is None:
        raise Invalid("due_on", "Choose a date, as the calendar has it.")

    def deed(tx: Transaction, links: Links, subject: Subject, by: By) -> InvoiceResource:
        one = subject.subscription
        total = sum(line.amount for line in lines)
        record(tx, by, one.app_id, "invoice.issue", one.id, amount=total, due_on=due_on)
        return issue_one_off(
            tx, links, subject.app, subject.customer.reference,
            lines=lines, due_on=due_on, metadata={}, now=subject.now,
        )  # fmt: skip

    invoice = await do_deed(ask, deed)
    return ask.go(ask.path.rpartition("/")[0], "invoice_issued", number=invoice.number)


def _lines(ask: Ask) -> tuple[Line, ...]:
    """Of the rows that are filled in. Raises Invalid, which says in which row."""
    found = []
    for row in range(1, MOST_LINES + 1):
        what, amount = ask.text(f"description_{row}").strip(), ask.text(f"amount_{row}").strip()
        if not what and not amount and row > 1:
            continue
        if not 1 <= len(what) <= 200:
            raise Invalid("line_description", "Say in 1 to 200 characters what it is for.", row=row)
        try:
            found.append(Line(what, signed_rupiah_in(amount)))
        except Invalid as refusal:
            raise Invalid(refusal.code, refusal.detail, row=row) from None
    return tuple(found)


def _one_off(_tx: Transaction, ask: Ask, subject: Subject) -> Mapping[str, Any]:
    fault = ask.filled.fault
    return {
        "rows": _rows(ask, subject),
        "most_rows": MOST_LINES,
        "fault_row": fault.members.get("row") if fault is not None else None,
        "usual": subject.today + DUE_AFTER,
        "smallest": SMALLEST,
        "largest": LARGEST,
    }


def _rows(ask: Ask, subject: Subject) -> int:
    """As many as were filled in, and more where more are asked for."""
    form = ask.form(f"{subject.here}/one-off")
    drawn = [
        row
        for row in range(1, MOST_LINES + 1)
        if form.value(f"description_{row}") or form.value(f"amount_{row}")
    ]
    more = MORE if form.value("more") else 0
    given = form.value("rows")
    before = int(given) if given.isascii() and given.isdecimal() and len(given) < 3 else 1
    return min(MOST_LINES, max(before, *drawn, 1) + more)

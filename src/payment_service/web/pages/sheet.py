"""A sheet of paper laid out in a language: the same words in the same order, printed or as PDF."""

from functools import cache
from html import unescape
from typing import NamedTuple

from payment_service.kit.calendar import local_date
from payment_service.kit.money import Language, rupiah
from payment_service.kit.spelled_sum import spelled_sum
from payment_service.model.app import Seller, initials
from payment_service.model.invoice import Invoice
from payment_service.model.payment import MANUAL
from payment_service.resources import Links
from payment_service.web.pages import dates
from payment_service.web.pages.brand import Logo, app_color, ink_on, logo_of
from payment_service.web.pages.paper import Paper
from payment_service.web.pages.render import page

Words = dict[str, str]


class Sum(NamedTuple):
    words: str
    amount: str
    is_strong: bool = False


class Sheet(NamedTuple):
    """Everything that stands on it. `stamp` is a word or empty, `code` the address that the QR
    holds, or empty. `rows` are what was sold, when, for how much. `logo` is where a page finds it,
    `picture` what it shows, in base64, or empty."""

    language: Language
    title: str
    stamp: str
    is_paid: bool
    app_name: str
    monogram: str
    color: str
    ink: str
    logo: Logo | None
    picture: str
    seller: tuple[str, ...]
    test: str
    facts: tuple[tuple[str, str], ...]
    to: str
    name: str
    reference: str
    contact: tuple[str, ...]
    heads: tuple[str, str, str]
    rows: tuple[tuple[str, str, str], ...]
    notes: tuple[tuple[str, str], ...]
    spelled: tuple[str, str]
    sums: tuple[Sum, ...]
    code: str
    code_words: str
    foot: tuple[str, ...]
    file_name: str


def lay_out(paper: Paper, links: Links, language: Language, *, is_public: bool = False) -> Sheet:
    """What the payer reads behind the token names nobody's phone or email."""
    app, invoice, words = paper.app, paper.invoice, _words(language)
    address = links.pay(invoice.pay_token)
    title = words["receipt" if paper.is_receipt else "invoice"]
    is_open = invoice.status == "open"
    owed = invoice.total if paper.is_receipt else invoice.total - invoice.credit_applied
    number = paper.receipt_number if paper.is_receipt else invoice.number
    customer = paper.customer
    contact = () if is_public else tuple(one for one in (customer.phone, customer.email) if one)
    return Sheet(
        language=language,
        title=title,
        stamp=_stamp(invoice, words),
        is_paid=paper.is_receipt,
        app_name=app.name,
        monogram=initials(app.name)[:2],
        color=app_color(app.color),
        ink=ink_on(app.color),
        logo=logo_of(app.logo) if app.logo else None,
        picture=paper.logo,
        seller=_seller(invoice.seller, app.name),
        test=words["test"] if app.mode == "test" else "",
        facts=_facts(paper, language, words),
        to=words["to"],
        name=customer.name or customer.reference,
        reference=customer.reference,
        contact=contact,
        heads=(words["what"], words["period"], words["amount"]),
        rows=_rows(invoice, language),
        notes=_how_paid(paper, words),
        spelled=(words["spelled"], spelled_sum(owed, language)),
        sums=_sums(paper, words),
        code=address if is_open else "",
        code_words=words["scan"],
        foot=_foot(paper, address, words),
        file_name=f"{title}-{number}.pdf",
    )


def _stamp(invoice: Invoice, words: Words) -> str:
    return {"paid": words["paid_stamp"], "void": words["void_stamp"]}.get(invoice.status, "")


def _seller(seller: Seller, app_name: str) -> tuple[str, ...]:
    tax = f"NPWP {seller.npwp}" if seller.npwp else ""
    name = seller.name if seller.name != app_name else ""
    lines = (name, *seller.address.splitlines(), tax)
    return tuple(line.strip() for line in lines if line.strip())


def _facts(paper: Paper, language: Language, words: Words) -> tuple[tuple[str, str], ...]:
    invoice, zone = paper.invoice, paper.app.zone
    facts = [(words["number"], invoice.number)]
    if paper.is_receipt:
        facts.append((words["receipt_number"], paper.receipt_number))
    facts.append((words["issued"], dates.long_date(invoice.issued_on, language)))
    if paper.payment is not None and paper.payment.gateway == MANUAL:
        facts.append((words["paid"], dates.long_date(paper.payment.paid_on, language)))
    elif paper.is_receipt and invoice.paid_at is not None:
        at = paper.payment.paid_at if paper.payment is not None else invoice.paid_at
        day = dates.long_date(local_date(at, zone), language)
        facts.append((words["paid"], f"{day}, {dates.hour(at, zone, language)}"))
    else:
        facts.append((words["due"], dates.long_date(invoice.due_on, language)))
    return tuple(facts)


def _rows(invoice: Invoice, language: Language) -> tuple[tuple[str, str, str], ...]:
    """The period stands beside the first line: it is the invoice's."""
    period = ""
    if invoice.period_start is not None and invoice.period_end is not None:
        period = dates.period(invoice.period_start, invoice.period_end, language)
    return tuple(
        (line.description, period if at == 0 else "", rupiah(line.amount))
        for at, line in enumerate(invoice.lines)
    )


def _how_paid(paper: Paper, words: Words) -> tuple[tuple[str, str], ...]:
    """The fee is the gateway's, and no part of what was owed: it stands beside, not in the sum."""
    payment, charge = paper.payment, paper.charge
    if not paper.is_receipt:
        return ()
    if payment is None:
        return ((words["way"], words["by_credit"]),)
    way = words["by_hand"] if payment.gateway == MANUAL else "QRIS"
    notes = ((words["way"], way), (words["reference"], payment.reference))
    if charge is None or not paper.fee:
        return notes
    fee = f"{rupiah(paper.fee)}, {words['debited']} {rupiah(charge.amount + paper.fee)}"
    return (*notes, (words["fee"], fee))


def _sums(paper: Paper, words: Words) -> tuple[Sum, ...]:
    invoice, credit = paper.invoice, paper.invoice.credit_applied
    sums = [Sum(words["total"], rupiah(invoice.total), is_strong=True)]
    if credit:
        sums.append(Sum(words["credit"], rupiah(-credit)))
    if paper.is_receipt:
        if paper.paid or not credit:
            sums.append(Sum(words["paid"], rupiah(-paper.paid)))
        sums.append(Sum(words["rest"], rupiah(0), is_strong=True))
    elif credit and invoice.status == "open":
        sums.append(Sum(words["to_pay"], rupiah(invoice.amount_due), is_strong=True))
    return tuple(sums)


def _foot(paper: Paper, address: str, words: Words) -> tuple[str, ...]:
    own = paper.invoice.seller.footer.strip()
    lines = (own,) if own else ()
    if paper.is_receipt:
        return (*lines, f"{words['genuine']} {address}/receipt")
    if paper.invoice.status == "void":
        return (*lines, words["void_foot"])
    return (*lines, f"{words['pay_at']} {address}")


@cache
def _words(language: Language) -> Words:
    """By name; their translations are where those of the pages are."""
    lines = unescape(page("paper/words.html", language).decode()).splitlines()
    return dict(line.split("\t", 1) for line in lines if "\t" in line)

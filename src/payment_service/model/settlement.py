"""A settlement file: the gateway's list of what it paid out, read and compared with payments.

How Pakasir's export looks is not established, so any sensible table with a header is read.
"""

import csv
import io
import re

import msgspec

from payment_service.kit.money import rupiah
from payment_service.model.booked import Booked
from payment_service.model.money_check import Difference, Discrepancy

COLUMNS = {
    "order_id": "order_id",
    "txn_id": "reference",
    "reference": "reference",
    "transaction_id": "reference",
    "amount": "amount",
    "fee": "fee",
    "net": "net",
}
"""What a column may be called, and what it then holds. Others are passed over."""

_AMOUNT = re.compile(
    r"(?:rp\.?|idr)?\s*"
    r"(?P<whole>\d{1,3}(?:\.\d{3})+(?=,|$)|\d{1,3}(?:,\d{3})+(?=\.|$)|\d+)"
    r"(?:[.,](?:0{1,2}|-))?",
    re.ASCII | re.IGNORECASE,
)
MOST_DIGITS = 13


class Unreadable(ValueError):
    """The file cannot be compared; the message names the line and what is wrong in it."""


class Line(msgspec.Struct, frozen=True):
    """One payment as the gateway settled it; `number` counts the file's lines from 1. Rupiah."""

    number: int
    order_id: str | None
    reference: str | None
    amount: int
    fee: int | None
    net: int | None


class Settlement:
    """The lines of a file, found by order or by reference; each answers for one payment only."""

    def __init__(self, lines: list[Line]) -> None:
        self.unclaimed = {line.number: line for line in lines}
        self._claimed: set[str] = set()
        self._numbers: dict[tuple[str, str], list[int]] = {}
        for line in lines:
            for name in (("order", line.order_id), ("reference", line.reference)):
                if name[1] is not None:
                    self._numbers.setdefault((name[0], name[1]), []).append(line.number)

    def claim(self, booked: Booked) -> Line | None:
        """The line of this payment, which is given once."""
        self._claimed.add(booked.payment_id or "")
        numbers = self._numbers.get(("order", booked.order_id or ""), [])
        numbers = numbers + self._numbers.get(("reference", booked.reference or ""), [])
        for number in numbers:
            if number in self.unclaimed:
                return self.unclaimed.pop(number)
        return None

    def has_been_claimed(self, booked: Booked) -> bool:
        """Whether the payment has asked for its line already."""
        return booked.payment_id in self._claimed


def settlement_difference(booked: Booked, line: Line | None) -> Discrepancy | None:
    """What is wrong with a payment's line; None when it is there and right.

    The net is what the payer was debited less what the gateway keeps. Charges from before that
    fee was kept may lie up to 2 % and Rp1.000 below.
    """
    paid = booked.paid or 0
    if line is None:
        return _differs(booked, "not_in_settlement", paid, None, "The settlement file lacks it.")
    total = paid + (booked.total_payment or booked.amount or 0) - (booked.amount or 0)
    if line.amount not in (paid, total):
        message = f"Line {line.number} settles {rupiah(line.amount)}."
        return _differs(booked, "settlement_differs", paid, line.amount, message)
    net = line.net if line.fee is None or line.net is not None else total - line.fee
    if net is None:
        return None
    least = most = total - (booked.gateway_fee or 0)
    if booked.gateway_fee is None:
        least = total - total * 2 // 100 - 1_000
    if least <= net <= most:
        return None
    message = f"Line {line.number} leaves {rupiah(net)} after fees."
    return _differs(booked, "settlement_differs", most, net, message)


def unknown_line(line: Line, *, known: bool) -> Discrepancy:
    """`known` says that the payment it names has another line already."""
    message = f"Line {line.number} is no payment of ours."
    if known:
        message = f"Line {line.number} settles once more what another line has settled."
    return Discrepancy(
        "unknown_settlement", line.order_id, line.reference, None, line.amount, message
    )


def _differs(
    booked: Booked, difference: Difference, ours: int, theirs: int | None, message: str
) -> Discrepancy:
    return Discrepancy(difference, booked.charge_id, booked.reference, ours, theirs, message)


def read_settlement(content: bytes) -> Settlement:
    """Raises Unreadable."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = content.count(b"\n", 0, error.start) + 1
        raise Unreadable(f"line {number} is not UTF-8 text; save the file as CSV UTF-8") from None
    header = next((line for line in text.splitlines() if line.strip()), "")
    separator = ";" if header.count(";") > header.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    names: list[str] | None = None
    lines = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if names is None:
                names = _names(cells, reader.line_num)
            else:
                lines.append(_line(names, cells, reader.line_num))
    except csv.Error as error:
        raise Unreadable(f"line {reader.line_num} is no CSV: {error}") from None
    if names is None:
        raise Unreadable("line 1 has no header; the file is empty")
    return Settlement(lines)


def _names(cells: list[str], number: int) -> list[str]:
    """What each column holds; empty for a column that is passed over."""
    written = [re.sub(r"[\s-]+", "_", cell.strip().lower()) for cell in cells]
    names = [COLUMNS.get(name, "") for name in written]
    for name in COLUMNS.values():
        if names.count(name) > 1:
            raise Unreadable(f"line {number}, the header, has two columns for {name}")
    if "amount" not in names or not {"order_id", "reference"} & set(names):
        raise Unreadable(
            f"line {number} must be a header with order_id or txn_id, and amount; "
            "fee and net may follow"
        )
    return names


def _line(names: list[str], cells: list[str], number: int) -> Line:
    if len(cells) != len(names):
        raise Unreadable(f"line {number} has {len(cells)} fields, the header {len(names)}")
    told = {name: cell.strip() for name, cell in zip(names, cells, strict=True) if name}
    if not (told.get("order_id") or told.get("reference")):
        raise Unreadable(f"line {number} names no order and no transaction")
    amount = _amount(told, "amount", number)
    if amount is None:
        raise Unreadable(f"line {number} has no amount")
    return Line(
        number=number,
        order_id=told.get("order_id") or None,
        reference=told.get("reference") or None,
        amount=amount,
        fee=_amount(told, "fee", number),
        net=_amount(told, "net", number),
    )


def _amount(told: dict[str, str], name: str, number: int) -> int | None:
    written = told.get(name, "")
    if not written:
        return None
    match = _AMOUNT.fullmatch(written)
    digits = re.sub(r"\D", "", match["whole"]) if match else ""
    if not digits or len(digits) > MOST_DIGITS:
        raise Unreadable(f"line {number}: the {name} {written[:40]!r} is not whole rupiah")
    return int(digits)

"""A file of subscriptions to be imported, CSV or JSON, read line by line with all that is wrong."""

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from payment_service.model.import_line import Flaw, Line, line_of

Format = Literal["csv", "json"]

PLAIN = (
    "reference", "plan", "name", "email", "phone", "price", "paid_through", "status", "reason",
    "anchor_day", "cancel_at_period_end",
)  # fmt: skip
OF_INVOICE = {"open_amount": "amount", "open_due_on": "due_on", "open_number": "number"}
OF_CODE = {
    "open_order_id": "order_id",
    "open_transaction_id": "transaction_id",
    "open_qr": "qr",
    "open_total": "total",
    "open_made_at": "made_at",
    "open_expires_at": "expires_at",
}
AS_JSON = ("metadata", "customer_metadata", "paid_invoices")
COLUMNS = (*PLAIN, *OF_INVOICE, *OF_CODE, *AS_JSON)
WHOLE = ("price", "anchor_day", "open_amount", "open_total")
FLAGS = {"true": True, "false": False}
_whole = re.compile(r"-?\d{1,18}", re.ASCII)
_space = re.compile(r"[ \t\r\n]*")


class _Twice(ValueError):
    """An object that names a field twice: which of the two is meant, nobody knows."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Twice(f"“{twice[:100]}” stands twice in one object")
    return told


_lenient = json.JSONDecoder(parse_constant=lambda name: f"the number {name}")
_decoder = json.JSONDecoder(parse_constant=_lenient.parse_constant, object_pairs_hook=_once)


class Read(NamedTuple):
    """What a file says, and what of it could not be read."""

    lines: list[Line]
    flaws: list[Flaw]


def read_import(content: bytes, kind: Format) -> Read:
    """Every line of the file, or what is wrong with it."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = content.count(b"\n", 0, error.start) + 1
        return Read([], [Flaw(number, "", "it is not UTF-8 text; save the file as UTF-8")])
    lines: list[Line] = []
    flaws: list[Flaw] = []
    for one in _csv_rows(text) if kind == "csv" else _json_rows(text):
        made = one if isinstance(one, Flaw) else line_of(*one)
        if isinstance(made, Line):
            lines.append(made)
        else:
            flaws += [made] if isinstance(made, Flaw) else made
    if not lines and not flaws:
        flaws = [Flaw(1, "", "the file holds no subscription")]
    return Read(lines, flaws)


Told = tuple[int, dict[str, Any]]


def _json_rows(text: str) -> Iterator[Told | Flaw]:
    """The objects of one array, and the line on which each begins."""
    at = _past_space(text, 0)
    number, seen = 1 + text.count("\n", 0, at), at
    if text[at : at + 1] != "[":
        yield Flaw(number, "", "the file must be one JSON array of objects")
        return
    at = _past_space(text, at + 1)
    while text[at : at + 1] != "]":
        number, seen = number + text.count("\n", seen, at), at
        try:
            one, at = _json_row(text, at, number)
        except (ValueError, RecursionError) as error:
            yield Flaw(number, "", f"it is no JSON: {str(error)[:80]}; what follows is not read")
            return
        yield one
        at = _past_space(text, at)
        if text[at : at + 1] == ",":
            at = _past_space(text, at + 1)
        elif text[at : at + 1] != "]":
            number += text.count("\n", seen, at)
            yield Flaw(number, "", "a comma or the end of the array is missing here")
            return
    end = _past_space(text, at + 1)
    if end < len(text):
        yield Flaw(number + text.count("\n", seen, end), "", "there is more after the array")


def _json_row(text: str, at: int, number: int) -> tuple[Told | Flaw, int]:
    """One object, or what is wrong with it, and where it ends."""
    try:
        told, end = _decoder.raw_decode(text, at)
    except _Twice as twice:
        return Flaw(number, "", str(twice)), _lenient.raw_decode(text, at)[1]
    return ((number, told) if isinstance(told, dict) else Flaw(number, "", "it is no object")), end


def _past_space(text: str, at: int) -> int:
    match = _space.match(text, at)
    return match.end() if match else at


def _csv_rows(text: str) -> Iterator[Told | Flaw]:
    header = next((line for line in text.splitlines() if line.strip()), "")
    separator = ";" if header.count(";") > header.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    names: list[str] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if names is None:
                names = [cell.strip().lower() for cell in cells]
                wrong = list(_wrong_names(names, reader.line_num))
                yield from wrong
                if wrong:
                    return
            elif len(cells) != len(names):
                message = f"it has {len(cells)} fields, the header {len(names)}"
                yield Flaw(reader.line_num, "", message)
            else:
                given = {
                    name: cell.strip() for name, cell in zip(names, cells, strict=True) if cell
                }
                yield _told(reader.line_num, given)
    except csv.Error as error:
        yield Flaw(reader.line_num, "", f"it is no CSV: {error}; what follows is not read")


def _wrong_names(names: list[str], number: int) -> Iterator[Flaw]:
    for name in sorted(set(names)):
        if name not in COLUMNS:
            yield Flaw(number, name[:100], "there is no such column")
        elif names.count(name) > 1:
            yield Flaw(number, name, "two columns have this name")
    for name in ("reference", "plan"):
        if name not in names:
            yield Flaw(number, name, "the header lacks this column")


def _told(number: int, given: dict[str, str]) -> Told | Flaw:
    """The cells as a JSON object would say it; what is no number or flag stays text."""
    values: dict[str, Any] = {}
    for name, cell in given.items():
        if not cell:
            continue
        values[name] = cell
        if name in WHOLE and _whole.fullmatch(cell):
            values[name] = int(cell)
        elif name == "cancel_at_period_end":
            values[name] = FLAGS.get(cell.lower(), cell)
        elif name in AS_JSON:
            try:
                values[name] = _decoder.decode(cell)
            except _Twice as twice:
                return Flaw(number, name, str(twice))
            except (ValueError, RecursionError):
                return Flaw(number, name, "the cell is no JSON")
    told = {name: value for name, value in values.items() if name in PLAIN or name in AS_JSON}
    invoice = {inner: values[name] for name, inner in OF_INVOICE.items() if name in values}
    code = {inner: values[name] for name, inner in OF_CODE.items() if name in values}
    if code:
        invoice["codes"] = [code]
    if invoice:
        told["open_invoice"] = invoice
    return number, told

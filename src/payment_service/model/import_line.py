"""A line of an import: a subscription as an older system knew it, and what its types refuse."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec

from payment_service.model.import_words import plainly

Text200 = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Reference = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^\S([^\x00]*\S)?$")]
Order = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]*$")]
OneCode = Annotated[int, msgspec.Meta(ge=500, le=10_000_000)]
Amount = Annotated[int, msgspec.Meta(ge=1, le=10**12)]
Map = dict[str, Any]


class Flaw(msgspec.Struct, frozen=True):
    """Something wrong in a file; `line` counts its lines from 1, `field` is empty for all of it."""

    line: int
    field: str
    message: str


class OldCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A code that can still be paid. `total` is what the payer is debited, in rupiah.

    Instants without a zone are local to the app.
    """

    order_id: Order
    transaction_id: Order | None = None
    qr: Annotated[str, msgspec.Meta(max_length=2000)] | None = None
    total: OneCode | None = None
    made_at: datetime | None = None
    expires_at: datetime | None = None


class OpenInvoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the tenant owes for its next period, in rupiah; due on `paid_through` unless told."""

    amount: OneCode
    due_on: date | None = None
    number: Text200 | None = None
    codes: Annotated[tuple[OldCode, ...], msgspec.Meta(max_length=50)] = ()


class PaidInvoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """History; without an order it was paid by hand. `number` is the older system's."""

    number: Text200
    amount: Amount
    paid_on: date
    period_start: date
    period_end: date
    order_id: Order | None = None
    transaction_id: Order | None = None


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One subscription; `price` is what it is sold at, `plan` a plan's code."""

    reference: Reference
    plan: Text200
    name: Text200 | None = None
    email: Text200 | None = None
    phone: Annotated[str, msgspec.Meta(max_length=50, pattern=r"^[^\x00]*$")] | None = None
    customer_metadata: Map | None = None
    price: Annotated[int, msgspec.Meta(ge=0, le=10_000_000)] | None = None
    paid_through: date | None = None
    status: Literal["trialing", "active", "grace", "suspended"] | None = None
    reason: Literal["nonpayment", "manual"] | None = None
    anchor_day: Annotated[int, msgspec.Meta(ge=1, le=31)] | None = None
    cancel_at_period_end: bool = False
    metadata: Map = {}
    open_invoice: OpenInvoice | None = None
    paid_invoices: Annotated[tuple[PaidInvoice, ...], msgspec.Meta(max_length=500)] = ()


class Line(msgspec.Struct, frozen=True):
    """A row and where it stands in the file."""

    number: int
    row: Row


_step = re.compile(r"\.(\w+)|\[(\d+)\]")
_fields = {field.name: field for field in msgspec.structs.fields(Row)}


def line_of(number: int, told: Mapping[str, Any]) -> Line | list[Flaw]:
    """The line, or all that is wrong with the types and bounds of its fields."""
    try:
        msgspec.json.encode(told)  # of half a character, no database could keep anything
        return Line(number, msgspec.convert(told, Row))
    except UnicodeEncodeError:
        return [Flaw(number, "", "it holds text that is broken, half of a character")]
    except (msgspec.MsgspecError, ValueError, OverflowError):
        return list(_flaws(number, told))


def _flaws(number: int, told: Mapping[str, Any]) -> Iterator[Flaw]:
    for name, field in _fields.items():
        if name not in told:
            if field.required:
                yield Flaw(number, name, "it is missing")
            continue
        try:
            msgspec.convert(told[name], field.type)
        except (msgspec.MsgspecError, ValueError, OverflowError) as error:
            message, _, place = str(error).partition(" - at `$")
            place = place.rstrip("`")
            yield Flaw(number, name + place, plainly(message, _at(told[name], place)))
    for name in told.keys() - _fields.keys():
        yield Flaw(number, name[:100], "there is no such field")


def _at(written: Any, place: str) -> Any:
    """What stands there inside a field: `.codes[0].total`."""
    for name, index in _step.findall(place):
        written = written[name] if name else written[int(index)]
    return written

"""QRIS payloads: text of two-digit tag, two-digit length and value, closed by a checksum."""

import binascii
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

import msgspec

RUPIAH = "360"
CRC_HEAD = "6304"


class QrisError(ValueError):
    """The text is not tags and lengths, or says one thing twice."""


class Qris(msgspec.Struct, frozen=True):
    """What a payload says. Whether it may be shown to a payer is for the caller to decide."""

    tags: Mapping[str, str]
    crc_ok: bool
    amount: int | None
    """Rupiah; None when the payer types it, or when it is not a whole number above zero."""
    merchant: str
    city: str
    currency: str


def crc(text: str) -> str:
    """CRC-16/CCITT-FALSE as four upper-case hex digits; `text` ends with `6304`."""
    # A lone surrogate has no bytes; a text that holds one is wrong anyway, not an error here.
    return f"{binascii.crc_hqx(text.encode(errors='replace'), 0xFFFF):04X}"


def parse(payload: str) -> Qris:
    """Read a payload in any order of tags, with tags nobody has heard of. Raises QrisError."""
    tags: dict[str, str] = {}
    for tag, value in elements(payload):
        # Two wallets could read two different amounts or names out of one picture.
        if tag in tags:
            raise QrisError(f"tag {tag} stands twice")
        tags[tag] = value
    head, checksum = payload[:-4], payload[-4:]
    return Qris(
        tags=MappingProxyType(tags),
        crc_ok=tags.get("63") == checksum and head.endswith(CRC_HEAD) and crc(head) == checksum,
        amount=whole(tags.get("54", "")),
        merchant=tags.get("59", ""),
        city=tags.get("60", ""),
        currency=tags.get("53", ""),
    )


def elements(text: str) -> Iterator[tuple[str, str]]:
    """Tag and value of each element. Lengths count characters. Raises QrisError."""
    at = 0
    while at < len(text):
        head = text[at : at + 4]
        if len(head) < 4 or not (head.isascii() and head.isdigit()):
            raise QrisError(f"no tag and length at character {at}")
        end = at + 4 + int(head[2:])
        if end > len(text):
            raise QrisError(f"tag {head[:2]} is longer than the text")
        yield head[:2], text[at + 4 : end]
        at = end


def whole(amount: str) -> int | None:
    """Rupiah of `100003.00`, `5000`, `50544.`; None for anything else."""
    if not amount.isascii() or not amount.replace(".", "", 1).isdigit():
        return None
    try:
        number = Decimal(amount)
    except InvalidOperation:
        return None
    return int(number) if number == int(number) and number > 0 else None


def build(
    *,
    amount: int,
    merchant: str,
    city: str,
    account: Mapping[str, str],
    nmid: str,
    criteria: str = "UMI",
    category: str = "7372",
    postal_code: str = "10110",
    reference: str = "",
) -> str:
    """A dynamic payload that asks for `amount` rupiah; `account` is tag 26, sub-tag to value.

    Raises ValueError when a value has no room: 25 characters for the name and the reference, 15
    for the city.
    """
    for name, text, most in (
        ("merchant", merchant, 25),
        ("city", city, 15),
        ("reference", reference, 25),
    ):
        if len(text) > most:
            raise ValueError(f"{name} has more than {most} characters: {text!r}")
    national = {"00": "ID.CO.QRIS.WWW", "02": nmid, "03": criteria}
    tags = {
        "00": "01",
        "01": "12",
        "26": joined(account),
        "51": joined(national),
        "52": category,
        "53": RUPIAH,
        "54": f"{amount}.00",
        "58": "ID",
        "59": merchant,
        "60": city,
        "61": postal_code,
        "62": joined({"05": reference}) if reference else "",
    }
    head = joined({tag: value for tag, value in tags.items() if value}) + CRC_HEAD
    return head + crc(head)


def joined(tags: Mapping[str, str]) -> str:
    if any(len(value) > 99 for value in tags.values()):
        raise ValueError("a value has more than 99 characters")
    return "".join(f"{tag}{len(value):02d}{value}" for tag, value in tags.items())

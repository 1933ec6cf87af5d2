"""Search: what an owner types, found among customers, invoices, codes and payments by an index."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from payment_service.kit.statements import Transaction
from payment_service.model.app import APPS, App
from payment_service.model.customer_word import folded, international, split
from payment_service.model.hit import (
    BY_ID,
    CANDIDATES,
    CHARGES_ORDERED,
    CHARGES_REFERRED_TO,
    COUNT_BY_WORD,
    COUNTERS_OF_APP,
    CUSTOMERS_BY_WORD,
    INVOICE_NUMBERED,
    PAYMENTS_REFERRED_TO,
    By,
    Hit,
)

MOST = 20
"""Of what is shown; whoever finds that many types more."""
SHORTEST, LONGEST = 2, 200
SHORTEST_PHONE = 5
ID = re.compile(rf"({'|'.join(BY_ID)})_[0-9a-z]{{3,26}}", re.IGNORECASE)
ID_LENGTH = 30
NUMBER = re.compile(r"(?:([A-Z0-9]{1,10})-)?(?:([0-9]{4})-)?([0-9]{1,9})")
YEAR = re.compile(r"20[0-9]{2}")
DIGITS = 6
PHONE = re.compile(r"[+(]?[0-9][0-9 ()./-]*")


def search(tx: Transaction, text: str, app_id: str | None = None, most: int = MOST) -> list[Hit]:
    """What begins like this, in all apps or in one, each thing once; the surest first.

    Case does not matter. Phone numbers may be written in any way, invoice numbers cut short, and of
    several words each must begin a word of the name.
    """
    text = " ".join("".join(one for one in text if one.isprintable() or one == "\t").split())
    text = text[:LONGEST]
    if len(text) < SHORTEST:
        return []
    apps = [app for app in tx.all(APPS) if app_id in (None, app.id)]
    found: dict[tuple[str, str], Hit] = {}
    for hit in islice(_found(tx, text, apps), 4 * most):
        if hit.app_id in {app.id for app in apps}:
            found.setdefault((hit.kind, hit.id), hit)
        if len(found) >= most:
            break
    return list(found.values())


def _found(tx: Transaction, text: str, apps: Sequence[App]) -> Iterator[Hit]:
    if ID.fullmatch(text):
        begins = text.lower()
        yield from tx.all(BY_ID[begins[:3]], first=begins, last=begins.ljust(ID_LENGTH, "z"))
    spellings = {"typed": text, "lower": text.lower(), "upper": text.upper()}
    for app in apps:
        yield from _numbered(tx, text.upper(), app)
    for app in apps:
        for statement in (CHARGES_ORDERED, PAYMENTS_REFERRED_TO, CHARGES_REFERRED_TO):
            yield from tx.all(statement, app_id=app.id, **spellings)
    if PHONE.fullmatch(text) and len(digits := international(text)) >= SHORTEST_PHONE:
        yield from _with_word(tx, apps, digits, ("phone",))
    yield from _with_word(tx, apps, folded(text), ("reference", "email"))
    yield from _called(tx, apps, split(text))


def _with_word(
    tx: Transaction, apps: Sequence[App], word: str, kinds: Sequence[By]
) -> Iterator[Hit]:
    for app in apps if word else ():
        hits = tx.all(CUSTOMERS_BY_WORD, app_id=app.id, limit=MOST, **_beginning(word))
        yield from (hit for hit in hits if hit.by in kinds)


def _called(tx: Transaction, apps: Sequence[App], words: Sequence[str]) -> Iterator[Hit]:
    """Those with a name in which each of the words begins one: looked up by the rarest."""
    for app in apps if words else ():
        given = {"app_id": app.id}
        counts = {one: tx.one(COUNT_BY_WORD, **given, **_beginning(one)) or 0 for one in words}
        rarest = min(words, key=lambda one: (counts[one], -len(one)))
        limit = CANDIDATES if len(words) > 1 else 2 * MOST
        for hit in tx.all(CUSTOMERS_BY_WORD, limit=limit, **given, **_beginning(rarest)):
            names = split(hit.name or "")
            if hit.by == "name" and all(_is_begun(names, word) for word in words):
                yield hit


def _is_begun(names: Sequence[str], word: str) -> bool:
    return any(name.startswith(word) for name in names)


def _beginning(word: str) -> dict[str, str]:
    """From the word itself up to whatever begins with it."""
    return {"word": word, "end": word + "\U0010ffff"}


def _numbered(tx: Transaction, text: str, app: App) -> Iterator[Hit]:
    """Invoices of that number: `BB-2026-000123`, the same cut short, `2026-123`, or `123`."""
    match = NUMBER.fullmatch(text)
    if match is None:
        return
    prefix, year, digits = match.groups()
    if year is None and prefix != app.invoice_prefix and YEAR.fullmatch(prefix or ""):
        prefix, year = None, prefix
    if prefix not in (None, app.invoice_prefix):
        return
    for counted in tx.all(COUNTERS_OF_APP, app_id=app.id):
        if year in (None, str(counted.year)):
            for number in _numbers(digits, counted.last, is_begun=year is not None):
                whole = f"{app.invoice_prefix}-{counted.year}-{number:0{DIGITS}d}"
                yield from tx.all(INVOICE_NUMBERED, app_id=app.id, number=whole)


def _numbers(digits: str, last: int, *, is_begun: bool) -> list[int]:
    """The number itself; where the year stands before it also those that begin so, newest first."""
    found = [int(digits)] if 1 <= int(digits) <= last else []
    if is_begun and len(digits) < DIGITS:
        step = 10 ** (DIGITS - len(digits))
        first = int(digits) * step
        newest = min(first + step - 1, last)
        found += range(newest, max(first, newest - MOST, 1) - 1, -1)
    return list(dict.fromkeys(found))

"""What people type into the forms of a plan: rupiah, days, prices for paying ahead."""

import re

from payment_service.kit.errors import Invalid
from payment_service.model.plan import PERIODS_AHEAD
from payment_service.web.api.texts import SAID
from payment_service.web.dashboard.ask import Ask

DIGITS = 12
NEVER = -1
"""Outside of every bound, so that the plan itself says what is wrong."""


def rupiah_in(text: str) -> int | None:
    """`150000`, `150.000` or `Rp150.000`; None for anything else."""
    digits = text.strip().removeprefix("Rp").replace(".", "").replace(" ", "")
    return int(digits) if _is_number(digits, DIGITS) else None


def price_in(ask: Ask) -> int:
    """Raises Invalid."""
    price = rupiah_in(ask.text("price"))
    if price is None:
        raise Invalid("rupiah_text", "Write an amount in whole rupiah, such as 150.000.")
    return price


def prices_ahead_in(ask: Ask) -> dict[str, int]:
    """By periods; what is left empty costs as much as each period alone. Raises Invalid."""
    typed = {periods: ask.text(f"ahead_{periods}").strip() for periods in PERIODS_AHEAD}
    prices = {periods: rupiah_in(text) for periods, text in typed.items() if text}
    if None in prices.values():
        raise Invalid("price_ahead", "Write whole rupiah for each, or leave it empty.")
    return {periods: price for periods, price in prices.items() if price is not None}


def number_in(text: str) -> int:
    text = text.strip()
    return int(text) if _is_number(text, 4) else NEVER


def grace_in(ask: Ask) -> int | None:
    """Nothing is as many days as the app gives."""
    return number_in(ask.text("grace_days")) if ask.text("grace_days").strip() else None


def name_in(ask: Ask) -> str:
    """On one line. Raises Invalid."""
    name = ask.text("name").strip()
    if len(name) > 200 or re.match(SAID, name) is None:
        raise Invalid("name_length", "A name has 1 to 200 characters on one line.")
    return name


def _is_number(text: str, most: int) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= most

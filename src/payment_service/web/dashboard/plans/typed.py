"""What people type into the forms of a plan: its name, days, prices for paying ahead."""

import re

from payment_service.kit.errors import Invalid
from payment_service.kit.unseen import holds_unseen
from payment_service.model.plan import PERIODS_AHEAD
from payment_service.web.api.texts import SAID
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.rupiah_text import rupiah_in

NEVER = -1
"""Outside of every bound, so that the plan itself says what is wrong."""


def prices_ahead_in(ask: Ask) -> dict[str, int]:
    """By periods; what is left empty costs as much as each period alone. Raises Invalid."""
    typed = {periods: ask.text(f"ahead_{periods}").strip() for periods in PERIODS_AHEAD}
    try:
        return {periods: rupiah_in(text) for periods, text in typed.items() if text}
    except Invalid:
        raise Invalid("price_ahead", "Write whole rupiah for each, or leave it empty.") from None


def number_in(text: str) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 4 else NEVER


def grace_in(ask: Ask) -> int | None:
    """Nothing is as many days as the app gives."""
    return number_in(ask.text("grace_days")) if ask.text("grace_days").strip() else None


def name_in(ask: Ask) -> str:
    """On one line. Raises Invalid."""
    name = ask.text("name").strip()
    if holds_unseen(name):
        raise Invalid("name_text", "A name is one line of what can be seen.")
    if len(name) > 200 or re.match(SAID, name) is None:
        raise Invalid("name_length", "A name has 1 to 200 characters on one line.")
    return name

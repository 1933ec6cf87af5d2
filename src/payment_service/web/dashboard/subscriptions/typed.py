"""What people type into the forms of a subscription."""

from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.subscriptions.subject import Subject


def chosen(ask: Ask, subject: Subject, deed: str, name: str, otherwise: str = "") -> str:
    """What the deed's form holds, else what the address asks for, else the usual."""
    form = ask.form(f"{subject.here}/{deed}")
    return form.value(name, ask.query.get(name, otherwise)).strip()


def number_in(text: str) -> int | None:
    """None where it is no whole number of days."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else None

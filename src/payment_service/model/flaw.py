"""A flaw in the books: billing waits until a person has looked into it, and money goes on."""

from payment_service.kit.statements import Transaction
from payment_service.model.alert import OPEN_ALERT_OF, Alert

SUBJECT = "database"
"""What the alert is about."""


def standing_flaw(tx: Transaction) -> Alert | None:
    """What the last look at all books found and nobody has cleared. Steps that the calendar takes
    can wait for days; taken from wrong books they would lock people out or bill them twice."""
    return tx.one(OPEN_ALERT_OF, kind="books_broken", subject_id=SUBJECT)

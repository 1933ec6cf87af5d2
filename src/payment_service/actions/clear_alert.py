"""Clear an alert by hand: what it was about has been dealt with, as the note says."""

import msgspec

from payment_service.kit.errors import Conflict, Invalid
from payment_service.kit.statements import Transaction, save
from payment_service.model.alert import Alert, alert_by_id
from payment_service.model.audit import By, record
from payment_service.model.fact import CLOCK_SEEN, FORGET_FACT

MOST_CHARACTERS = 500


def clear_alert(tx: Transaction, alert_id: str, by: By, *, once: bool = False) -> Alert:
    """The first time counts; a second one changes nothing, and `once` tells it so by a Conflict.
    The note is the reason.

    Raises NotFound, Invalid for a note that is empty or longer than 500 characters, and Conflict
    for a payment in review: money is dealt with by deciding about it, which clears the alert.
    """
    alert = alert_by_id(tx, alert_id)
    if alert.cleared_at is not None:
        if once:
            raise Conflict("alert_cleared", "This alert has been cleared already.", id=alert_id)
        return alert
    note = by.reason.strip()
    # PostgreSQL's text takes no NUL.
    if not 1 <= len(note) <= MOST_CHARACTERS or "\0" in note:
        raise Invalid(
            "alert_note", f"Say in 1 to {MOST_CHARACTERS} characters how this was dealt with."
        )
    if alert.kind == "payment_needs_review":
        raise Conflict(
            "review_open",
            f"Decide about {alert.subject_id} with `payment-service review …`; that clears it.",
        )
    if alert.kind == "clock_jumped":  # what it showed before counts no more
        tx.run(FORGET_FACT, name=CLOCK_SEEN + alert.subject_id)
    record(tx, by, alert.app_id, "alert.clear", alert.id, kind=alert.kind)
    seen_at = alert.seen_at or by.at
    cleared = msgspec.structs.replace(
        alert, cleared_at=by.at, seen_at=seen_at, send_at=None, note=note
    )
    return save(tx, alert, cleared)

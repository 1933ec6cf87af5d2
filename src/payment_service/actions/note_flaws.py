"""Note flaws: the owner hears what a backup finds in the database, until one finds nothing."""

from collections.abc import Sequence
from datetime import datetime

from payment_service.kit.database import Database
from payment_service.kit.statements import Transaction
from payment_service.model.alert import clear_alert_of, raise_alert
from payment_service.model.flaw import SUBJECT, standing_flaw


async def note_flaws(db: Database, flaws: Sequence[str], now: datetime) -> None:
    """All that a backup has found, a line each. Nothing is written where nothing is new: a backup
    may be made of a standby."""
    message = _message(flaws) if flaws else None
    if await db.read(_told) != message:
        await db.write(_note, message, now)


def _message(flaws: Sequence[str]) -> str:
    count = f"{len(flaws)} flaws, the first" if len(flaws) > 1 else "a flaw"
    return f"The backup has {count}: {flaws[0]}. See all: payment-service verify"


def _told(tx: Transaction) -> str | None:
    alert = standing_flaw(tx)
    return None if alert is None else alert.message


def _note(tx: Transaction, message: str | None, now: datetime) -> None:
    # Cleared and raised anew, so that the owner reads of what is found now.
    clear_alert_of(tx, "books_broken", SUBJECT, now)
    if message is not None:
        raise_alert(
            tx, app_id=None, kind="books_broken", subject_id=SUBJECT, message=message, now=now
        )

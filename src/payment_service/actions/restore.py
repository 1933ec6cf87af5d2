"""Restore a backup: looked through, held against the key, and put where the database is."""

from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

from payment_service.books.look_through import look_through
from payment_service.kit.copies import Copies
from payment_service.kit.errors import CannotStart
from payment_service.kit.statements import Transaction
from payment_service.migrations import NEWEST
from payment_service.model.backup import Backup
from payment_service.model.heartbeat import forget_all

ASIDE = "before_%Y%m%d_%H%M%S"


def restore(
    copies: Copies, copy: Path, keys: Collection[str], now: datetime, *, replace: bool
) -> tuple[Backup, str | None]:
    """What was put back, and what the database that stood there is called now; `keys` are the
    fingerprints of those at hand. Raises CannotStart, and then nothing has changed."""
    copies.refuse_if_used()
    if copies.stands() and not replace:
        raise CannotStart(
            "a database is there already; with --replace it is kept aside and the backup takes "
            "its place"
        )
    backup = look_through(copies, copy)
    if backup.schema > NEWEST:
        raise CannotStart(
            f"the backup has the schema {backup.schema} of a newer version; install that version"
        )
    if backup.key_fingerprint is not None and backup.key_fingerprint not in keys:
        at_hand = f"here is {', '.join(keys)}" if keys else "here is none"
        raise CannotStart(
            f"the key file does not belong to this backup, which needs the key with the "
            f"fingerprint {backup.key_fingerprint}; {at_hand}. Put that key file back first"
        )
    return backup, copies.put_back(copy, now.astimezone(UTC).strftime(ASIDE))


def begin_anew(tx: Transaction) -> None:
    """When it has this version's schema: with the backup came what the processes of then had said
    of themselves, and right after it they would be taken to run."""
    forget_all(tx)

"""What was done to a thing lately, and by whom: told to whoever comes second."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from payment_service.kit.statements import Transaction
from payment_service.model.admin import ADMIN, Admin
from payment_service.model.audit import AuditEntry
from payment_service.model.audit_list import END, Wanted, entries

LATELY = timedelta(hours=1)
LONGEST = timedelta(hours=12)
"""Of a session: no form that is sent was drawn earlier."""


class Done(NamedTuple):
    """A deed, and the admin who did it; None where a key or a command did."""

    deed: AuditEntry
    by: Admin | None


def newest_deed(tx: Transaction, ids: Iterable[str], since: datetime | None = None) -> Done | None:
    """The newest of what was done to any of these."""
    wanted = Wanted(subjects=tuple({*ids} - {""}), since=since)
    latest = next(iter(entries(tx, wanted, END, 1)), None)
    return None if latest is None else Done(latest, tx.one(ADMIN, id=latest.actor))

"""What was done last to a thing, and by whom: told to the admin whose own deed comes second."""

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from payment_service.kit.errors import Conflict
from payment_service.kit.statements import Transaction
from payment_service.model.admin import ADMIN, Admin
from payment_service.model.audit import AuditEntry
from payment_service.model.audit_list import END, Wanted, entries
from payment_service.web.dashboard.ask import Ask

LATELY = timedelta(hours=1)
OF_THE_FORM = frozenset({"reference_used"})
"""Conflicts that nobody else's deed is the reason for."""


class Done(NamedTuple):
    """`by` is None where a key or a command did it."""

    deed: AuditEntry
    by: Admin | None


def last_done(
    tx: Transaction, ask: Ask, subjects: Iterable[str], within: timedelta = LATELY
) -> Done | None:
    """The latest deed on any of these within that time."""
    wanted = Wanted(subjects=tuple({*subjects} - {""}), since=ask.now - within)
    latest = next(iter(entries(tx, wanted, END, 1)), None)
    return latest and Done(latest, tx.one(ADMIN, id=latest.actor))


def lately(tx: Transaction, ask: Ask, *subjects: str) -> Done | None:
    """What the deed that was just refused came too late for, where it was a person's."""
    fault = ask.filled.fault
    if not isinstance(fault, Conflict) or fault.code in OF_THE_FORM:
        return None
    return last_done(tx, ask, subjects)

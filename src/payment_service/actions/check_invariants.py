"""Check the invariants: what the database must hold whatever happened, each searched in turn."""

from collections.abc import Callable

from payment_service.kit.database import Examined
from payment_service.kit.soundness import flaws
from payment_service.kit.statements import Transaction
from payment_service.model.invariant.breach import Breach
from payment_service.model.invariant.every import INVARIANTS

SOUND = "the_database_is_sound"
NAMES = (*(one.name for one in INVARIANTS), SOUND)
Told = Callable[[str, int, int], None]
"""Hears what is looked at now, how many are done, and how many there are."""


async def check_invariants(db: Examined, told: Told | None = None) -> list[Breach]:
    """What is not as it must be, at most 100 of each invariant; empty when all is well.

    It only reads, each invariant in a view of its own: on a large database this takes minutes,
    and one view for all would keep the database from tidying up meanwhile.
    """
    breaches: list[Breach] = []
    for done, one in enumerate(INVARIANTS):
        if told is not None:
            told(one.name, done, len(NAMES))
        breaches += await db.examine(one.breaches)
    if told is not None:
        told(SOUND, len(INVARIANTS), len(NAMES))
    return breaches + await db.examine(_unsound, db.dialect)


def _unsound(tx: Transaction, dialect: str) -> list[Breach]:
    return [Breach(SOUND, "database", flaw) for flaw in flaws(tx, dialect)]

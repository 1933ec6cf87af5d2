"""Recovery codes: ten for each admin, for the day on which the phone is gone, each for once."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, PrimaryKeyConstraint, Text, delete, func, select, update

from payment_service.kit.crypto import digest
from payment_service.kit.ids import new_code, read_code
from payment_service.kit.schema import Instant, table
from payment_service.kit.statements import (
    Record,
    Transaction,
    add_all,
    command,
    param,
    stored_in,
    value,
)

HOW_MANY = 10

recovery_codes = table(
    "recovery_codes",
    Column("admin_id", Text, ForeignKey("admins.id"), nullable=False),
    Column("hash", Text, nullable=False),
    Column("used_at", Instant),
    PrimaryKeyConstraint("admin_id", "hash"),
)


@stored_in(recovery_codes)
class RecoveryCode(Record, frozen=True):
    """Kept as a hash; 120 random bits need no slow one."""

    admin_id: str
    hash: str
    used_at: datetime | None


USE_CODE = command(
    update(recovery_codes)
    .where(
        recovery_codes.c.admin_id == param("admin_id"),
        recovery_codes.c.hash == param("hash"),
        recovery_codes.c.used_at.is_(None),
    )
    .values(used_at=param("now"))
)
CODES_LEFT = value(
    select(func.count())
    .select_from(recovery_codes)
    .where(recovery_codes.c.admin_id == param("admin_id"), recovery_codes.c.used_at.is_(None)),
    int,
)
REMOVE_CODES = command(delete(recovery_codes).where(recovery_codes.c.admin_id == param("admin_id")))


def renew_codes(tx: Transaction, admin_id: str) -> list[str]:
    """Ten new ones, told this once; the older ones no longer work."""
    tx.run(REMOVE_CODES, admin_id=admin_id)
    codes = [new_code() for _ in range(HOW_MANY)]
    add_all(tx, [RecoveryCode(admin_id, digest(code), None) for code in codes])
    return codes


def use_code(tx: Transaction, admin_id: str, typed: str, now: datetime) -> bool:
    """Whether this was an unused one; from now on it is used."""
    return tx.run(USE_CODE, admin_id=admin_id, hash=digest(read_code(typed)), now=now) == 1

"""Look a backup through: whether it can be read to its end, what it is, whose key it needs."""

from pathlib import Path

from payment_service.kit.copies import Copies
from payment_service.kit.errors import CannotStart
from payment_service.kit.rights import why_unread
from payment_service.migrations import versions
from payment_service.model.backup import Backup
from payment_service.model.fact import KEY_FINGERPRINT, facts

KINDS = {".sqlite3": ("SQLite", b"SQLite format 3\0"), ".dump": ("PostgreSQL", b"PGDMP")}
"""By the ending of a copy: the database's name, and how the file begins."""


def look_through(copies: Copies, copy: Path) -> Backup:
    """Raises CannotStart when it is damaged, or none of ours."""
    try:
        with copy.open("rb") as file:
            head, size = file.read(16), file.seek(0, 2)
    except OSError as error:
        raise CannotStart(
            f"the backup {copy.absolute()} cannot be read: {why_unread(copy, error)}"
        ) from error
    _refuse_other_kind(copies, copy, head)
    if damage := copies.damage(copy):
        raise CannotStart(f"the backup {copy} is not sound, use another one: {damage[0]}")
    schema = copies.rows(copy, versions)
    if not schema:
        raise CannotStart(f"{copy} is no backup of Payment Service")
    return Backup(
        file=str(copy),
        bytes=size,
        schema=schema[0][0],
        key_fingerprint=dict(copies.rows(copy, facts)).get(KEY_FINGERPRINT),
        flaws=tuple(copies.dangling(copy)),
    )


def _refuse_other_kind(copies: Copies, copy: Path, head: bytes) -> None:
    """Such a backup is sound, and its own database would take it."""
    for ending, (name, beginning) in KINDS.items():
        if ending != copies.ending and head.startswith(beginning):
            raise CannotStart(
                f"{copy} is a backup of {name}, and PAYMENT_SERVICE_DATABASE_URL names "
                f"{KINDS[copies.ending][0]}: a backup is put back only into the kind of database "
                "that it was made of"
            )

"""Look a backup through: whether it can be read to its end, what it is, whose key it needs."""

from pathlib import Path

from payment_service.kit.copies import Copies
from payment_service.kit.errors import CannotStart
from payment_service.migrations import versions
from payment_service.model.backup import Backup
from payment_service.model.fact import KEY_FINGERPRINT, facts


def look_through(copies: Copies, copy: Path) -> Backup:
    """Raises CannotStart when it is damaged, or none of ours."""
    try:
        with copy.open("rb") as file:
            size = file.seek(0, 2)
    except OSError as error:
        raise CannotStart(f"the backup {copy} cannot be read: {error.strerror}") from error
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

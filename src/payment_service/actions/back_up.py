"""Back the database up: a copy beside the running service, looked through before it has a name."""

from datetime import datetime
from pathlib import Path

import msgspec

from payment_service.books.look_through import look_through
from payment_service.kit.copies import Copies
from payment_service.kit.errors import CannotStart
from payment_service.kit.new_file import new_file
from payment_service.model.backup import Backup, kept, made_at, name_of

HALF = "payment-service.part"
"""In a folder of backups: one that is being written."""


def back_up(copies: Copies, to: Path, now: datetime) -> Backup:
    """`to` is a file that is not there yet, or a folder, in which the backups have dated names.
    Raises CannotStart, and then nothing is left of it."""
    if to.is_dir():
        final, written = to / (name_of(now) + copies.ending), to / HALF
    elif to.parent.is_dir():
        final, written = to, to.with_name(f"{to.name}.part")
    else:
        raise CannotStart(f"there is no folder {to.parent}; make it, or name another place")
    with new_file(final, written):
        copies.make(written)
        backup = look_through(copies, written)
    return msgspec.structs.replace(backup, file=str(final))


def remove_old(folder: Path, ending: str) -> tuple[str, ...]:
    """The backups in the folder that are not kept any longer; gives their names. What is called
    otherwise is nobody's but whoever put it there."""
    made = {
        instant: path
        for path in folder.glob(f"payment-service-*{ending}")
        if (instant := made_at(path.name.removesuffix(ending))) is not None
    }
    gone = sorted(made.keys() - kept(made))
    for instant in gone:
        made[instant].unlink(missing_ok=True)
    return tuple(made[instant].name for instant in gone)

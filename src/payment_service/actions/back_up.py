"""Back the database up: a copy beside the running service, looked through before it has a name."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from payment_service.books.look_through import look_through
from payment_service.kit.copies import Copies
from payment_service.kit.errors import CannotStart
from payment_service.kit.new_file import new_file
from payment_service.model.backup import FLAWED, Backup, kept, made_at, name_of

HALF = "payment-service.part"
"""In a folder of backups: one that is being written."""


def _nothing_more(_: Backup) -> tuple[str, ...]:
    return ()


def back_up(
    copies: Copies,
    to: Path,
    now: datetime,
    more_flaws: Callable[[Backup], tuple[str, ...]] = _nothing_more,
) -> Backup:
    """`to` is a file that is not there yet, or a folder, in which the backups have dated names, and
    flawed ones another. `more_flaws` looks at it too before it has its name. Raises CannotStart,
    and then nothing is left of it."""
    if to.is_dir():
        final, written = to / (name_of(now) + copies.ending), to / HALF
    elif to.parent.is_dir():
        final, written = to, to.with_name(f"{to.name}.part")
    else:
        raise CannotStart(f"there is no folder {to.parent}; make it, or name another place")
    flaws: tuple[str, ...] = ()

    def called() -> Path:
        return to / (name_of(now) + FLAWED + copies.ending) if flaws and to.is_dir() else final

    with new_file(final, written, called=called):
        copies.make(written)
        backup = look_through(copies, written)
        flaws = backup.flaws + more_flaws(backup)
    return msgspec.structs.replace(backup, file=str(called()), flaws=flaws)


def remove_old(folder: Path, ending: str, *, flawed: bool = False) -> tuple[str, ...]:
    """The sound backups in the folder, or the `flawed` ones, that are not kept any longer; gives
    their names. What is called otherwise is nobody's but whoever put it there."""
    ending = FLAWED * flawed + ending
    made = {
        instant: path
        for path in folder.glob(f"payment-service-*{ending}")
        if (instant := made_at(path.name.removesuffix(ending))) is not None
    }
    gone = sorted(made.keys() - kept(made))
    for instant in gone:
        made[instant].unlink(missing_ok=True)
    return tuple(made[instant].name for instant in gone)

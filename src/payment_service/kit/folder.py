"""The folder of a database: its entries made durable, and who may be at work in it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from payment_service.kit.errors import CannotStart


def sync_folder(path: str) -> None:
    """Make the entries of the file and its log durable. SQLite does so too, but goes on as if
    nothing were wrong when that sync fails. Raises CannotStart."""
    try:
        folder = os.open(Path(path).parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise CannotStart(f"the folder of {path} cannot be synced: {error.strerror}") from error


def share_folder(path: str) -> int:
    """What a process holds while it has the database open: the descriptor, to be closed. Raises
    CannotStart while a backup is put back.

    Without it, who opens the file in that moment would go on with the one that was put aside, and
    name a log after the new one.
    """
    folder = _opened(path)
    try:
        fcntl.flock(folder, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(folder)
        raise CannotStart(
            f"a backup is being put back into {Path(path).parent}; start again in a moment"
        ) from error
    except OSError:
        pass  # a disk that knows no such locks
    return folder


@contextmanager
def folder_alone(path: str) -> Iterator[None]:
    """While the file is exchanged. Raises CannotStart when a process has a database there open."""
    folder = _opened(path)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise in_use(path) from error
        except OSError:
            pass
        yield
    finally:
        os.close(folder)


@contextmanager
def staying(file: Path) -> Iterator[bool]:
    """While a process that stays runs beside this file: whether it is the only one. Of no use on a
    disk that knows no locks: there each is."""
    try:
        held = os.open(file, os.O_RDONLY)
    except OSError:
        yield True
        return
    try:
        yield _is_first(held)
    finally:
        os.close(held)


def _is_first(held: int) -> bool:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        pass
    return True


def _opened(path: str) -> int:
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        return os.open(Path(path).parent, os.O_RDONLY)
    except OSError as error:
        raise CannotStart(f"the database {path} cannot be made: {error.strerror}") from error


def in_use(path: str) -> CannotStart:
    return CannotStart(
        f"the database {path} is in use: stop the service, and every command that runs on it, first"
    )

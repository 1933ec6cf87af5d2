"""A file that appears whole: written under another name, for its owner alone, over no other."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from payment_service.kit.errors import CannotStart
from payment_service.kit.folder import sync_folder


@contextmanager
def new_file(
    final: Path,
    written: Path,
    *,
    called: Callable[[], Path] | None = None,
    link: Callable[[Path, Path], None] = os.link,
) -> Iterator[Path]:
    """`written`, empty, to be filled in the block; then it is synced and called `final`, or what
    `called` says once it is filled.

    When the block raises it is removed. One process at a time writes it; what a dead one left
    there is begun anew. Raises CannotStart.
    """
    try:
        if final.exists():
            raise already_there(final)
        descriptor = os.open(written, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            _take(descriptor, written)
            try:
                yield written
                os.fsync(descriptor)
                final = final if called is None else called()
                _rename(written, final, link)
            finally:
                written.unlink(missing_ok=True)
            sync_folder(str(final))
        finally:
            os.close(descriptor)
    except OSError as error:
        raise CannotStart(f"{final} cannot be written: {error.strerror}") from error


def already_there(path: Path) -> CannotStart:
    return CannotStart(f"{path} is there already and is not written over; give another name")


def _take(descriptor: int, written: Path) -> None:
    """The file for this process alone, and empty."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_free = os.fstat(descriptor).st_nlink > 0  # else whoever had it has just finished
    except BlockingIOError:
        is_free = False
    if not is_free:
        raise CannotStart(f"another process is writing {written}; wait until it has ended")
    os.fchmod(descriptor, 0o600)
    os.ftruncate(descriptor, 0)


def _rename(written: Path, final: Path, link: Callable[[Path, Path], None]) -> None:
    try:
        link(written, final)  # unlike a rename, never over another's
    except FileExistsError as error:
        raise already_there(final) from error
    except OSError:  # a disk without hard links, such as a stick or a share
        try:
            os.close(os.open(final, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError as error:
            raise already_there(final) from error
        written.replace(final)

"""Last words: what a process that could not start, or had to stop itself, leaves for the next one.

A small file beside the key file, since the database is what cannot be written then; in the folder
for temporary files, where the disk of the other is read-only too.
"""

import os
import tempfile
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import msgspec

FILE = "last-words.json"


class LastWords(msgspec.Struct, frozen=True):
    """`stopped` is why a process ended itself; `reason` why the `failed_starts` since then failed,
    of which the owner was told at `told_at`."""

    stopped: str | None = None
    failed_starts: int = 0
    reason: str | None = None
    told_at: datetime | None = None


def read(folder: Path) -> LastWords:
    for path in _places(folder):
        try:
            return msgspec.json.decode(path.read_bytes(), type=LastWords)
        except (OSError, ValueError):
            continue
    return LastWords()


def leave(folder: Path, words: LastWords) -> bool:
    """Whether they could be left; a folder is not made for them."""
    for path in _places(folder):
        try:
            # Anybody may write where temporary files are: no link of theirs is followed.
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
            with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
                file.write(msgspec.json.encode(words))
        except OSError:
            continue
        return True
    return False


def forget(folder: Path) -> None:
    for path in _places(folder):
        try:
            path.unlink(missing_ok=True)
        except OSError:
            continue


def _places(folder: Path) -> tuple[Path, Path]:
    whose = sha256(str(folder.resolve()).encode()).hexdigest()[:16]
    return folder / FILE, Path(tempfile.gettempdir()) / f"payment-service-{whose}-{FILE}"

"""The key file: read, or made once so that nobody else can read it."""

import os
from pathlib import Path

from payment_service.kit.crypto import new_key
from payment_service.kit.errors import CannotStart
from payment_service.kit.rights import why_unread


def read_keys(path: Path) -> list[str] | None:
    """None where there is no such file. Raises CannotStart."""
    try:
        return path.read_text().split()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        why = why_unread(path, error)
        raise CannotStart(f"the key file {path} cannot be read: {why}") from error
    except UnicodeDecodeError as error:
        raise CannotStart(f"the key file {path} holds no key; restore it") from error


def make_key(path: Path) -> str:
    """A new key in a file that nobody else can read; the key of whoever was first."""
    key = new_key()
    written = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(key + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(written, path)  # whole or not at all, and never over another's
        except FileExistsError:
            return path.read_text().split()[0]
        finally:
            written.unlink()
    except OSError as error:
        raise CannotStart(f"the key file {path} cannot be made: {error.strerror}") from error
    return key

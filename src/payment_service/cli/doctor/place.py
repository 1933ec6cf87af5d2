"""What is seen without the database: settings, SQLite, the files and their rights, the disk."""

import os
from collections.abc import Iterator
from pathlib import Path
from stat import S_IMODE

from payment_service.cli.doctor.finding import Finding, attention, broken, ok
from payment_service.config import Settings
from payment_service.kit.database import sqlite_path
from payment_service.kit.machine import MEGABYTE, free_bytes
from payment_service.kit.sqlite import DRIVER, SAFE_VERSION

OTHERS = 0o077


def look_at_place(settings: Settings) -> Iterator[Finding]:
    yield _settings(settings)
    if settings.database_url.startswith("sqlite"):
        yield _sqlite()
        path = Path(sqlite_path(settings.database_url))
        if path.exists():
            yield _rights("database file", path)
            yield _room(path.parent, settings.least_free_mb)
    yield from _key_file(settings)


def _settings(settings: Settings) -> Finding:
    if settings.base_url is None:
        return attention(
            "settings", f"pay links begin with {settings.origin}",
            "set PAYMENT_SERVICE_BASE_URL to the address that browsers use",
        )  # fmt: skip
    return ok("settings", f"pay links begin with {settings.origin}")


def _sqlite() -> Finding:
    version = DRIVER.sqlite_version
    if DRIVER.sqlite_version_info < SAFE_VERSION:
        return broken(
            "sqlite", f"SQLite {version} can lose commits",
            "use a Python whose SQLite is 3.51.3 or newer, or PostgreSQL",
        )  # fmt: skip
    return ok("sqlite", f"SQLite {version}")


def _rights(what: str, path: Path) -> Finding:
    mode = S_IMODE(path.stat().st_mode)
    if mode & OTHERS:
        return attention(what, f"others may read it ({mode:04o})", f"chmod 600 {path}")
    if not os.access(path, os.R_OK | os.W_OK):
        return broken(what, "this user may not write it", f"chown it to the service's user: {path}")
    return ok(what, f"{path}, {mode:04o}")


def _room(folder: Path, least: int) -> Finding:
    free = free_bytes(folder) // MEGABYTE
    says = f"{free} MB free where the database is"
    if free < least:
        return broken("disk", says, f"make room: the service is not ready below {least} MB")
    if free < 2 * least:
        return attention("disk", says, f"make room before it is {least} MB")
    return ok("disk", says)


def _key_file(settings: Settings) -> Iterator[Finding]:
    if settings.secret_key is not None:
        yield ok("key file", "the key is in PAYMENT_SERVICE_SECRET_KEY")
    elif settings.key_path.exists():
        yield _rights("key file", settings.key_path)
    else:
        yield broken(
            "key file", f"{settings.key_path} is not there",
            "put it back from its copy; a new database makes one by itself",
        )  # fmt: skip

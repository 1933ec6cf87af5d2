"""What is seen without the database: settings, SQLite, the files and their rights, the disk."""

import os
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from stat import S_IMODE
from urllib.parse import urlsplit

from payment_service.cli.doctor.finding import Finding, attention, broken, ok
from payment_service.config import PREFIX, Settings
from payment_service.kit.database import sqlite_path
from payment_service.kit.machine import MEGABYTE, free_bytes
from payment_service.kit.sqlite_connection import DRIVER, SAFE_VERSION

OTHERS = 0o077
HERE = ("localhost", "127.0.0.1", "::1")
ASIDE = {
    PREFIX + name
    for name in ("URL", "API_KEY", "APP", "WEBHOOK_SECRET", "PAKASIR_API_KEY",
                 "PAKASIR_WEBHOOK_SECRET", "UPSTREAM")
}  # fmt: skip
"""Of the clients for apps, of options of commands, and of the Caddyfile."""


def look_at_place(settings: Settings, environ: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    yield _settings(settings)
    yield _names(environ)
    if settings.database_url.startswith("sqlite"):
        yield _sqlite()
        path = Path(sqlite_path(settings.database_url))
        if path.exists():
            yield _rights("database file", path)
            yield _room(path.parent, settings.least_free_mb)


def _settings(settings: Settings) -> Finding:
    says = f"pay links begin with {settings.origin}"
    if settings.base_url is None:
        return attention(
            "settings", says, "set PAYMENT_SERVICE_BASE_URL to the address that browsers use"
        )
    parts = urlsplit(settings.base_url)
    if parts.path:
        return attention(
            "settings", f"{says}, and nothing answers below {parts.path} unless the proxy cuts it",
            "give PAYMENT_SERVICE_BASE_URL no path: a host name of its own",
        )  # fmt: skip
    if parts.scheme == "http" and parts.hostname not in HERE:
        return broken(
            "settings", f"{says}, and plain http is refused to everybody on another machine",
            "begin PAYMENT_SERVICE_BASE_URL with https://",
        )  # fmt: skip
    return ok("settings", says)


def _names(environ: Mapping[str, str]) -> Finding:
    known = {PREFIX + name.upper() for name in Settings.model_fields} | ASIDE
    unknown = sorted(name for name in environ if name.startswith(PREFIX) and name not in known)
    if not unknown:
        return ok("names of settings", "each that is set is known")
    near = (get_close_matches(name, known, 1) for name in unknown)
    meant = ", ".join(one for found in near for one in found)
    return attention(
        "names of settings", f"ignored, since there are none of these: {', '.join(unknown)}",
        f"mend the spelling{f': {meant}' * bool(meant)}, or leave them out",
    )  # fmt: skip


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


def look_at_key(settings: Settings, *, is_new: bool) -> Finding:
    """`is_new`: there is no database yet, or an empty one, and so no key that it needs."""
    if settings.secret_key is not None:
        return ok("key file", "the key is in PAYMENT_SERVICE_SECRET_KEY")
    if settings.key_path.exists():
        return _rights("key file", settings.key_path)
    if is_new:
        return attention(
            "key file", "there is none yet",
            f"{maker_of(settings)} makes {settings.key_path}; keep a copy of it",
        )  # fmt: skip
    return broken(
        "key file", f"{settings.key_path} is not there",
        "put it back from its copy; a new database makes one by itself",
    )  # fmt: skip


def maker_of(settings: Settings) -> str:
    """Who makes a database's schema and its key."""
    is_file = settings.database_url.startswith("sqlite")
    return f"`payment-service {'serve' if is_file else 'migrate'}`"

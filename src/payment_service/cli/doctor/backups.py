"""Backups: whether they are made, and the next one can be: room, and PostgreSQL's programs."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from payment_service.cli.doctor.finding import Finding, attention, ok
from payment_service.kit.machine import MEGABYTE, Machine, free_bytes
from payment_service.kit.spans import spelled
from payment_service.kit.statements import value
from payment_service.model.backup import STALE

SERVER_VERSION = value(select(func.current_setting("server_version_num")), str)
"""Of PostgreSQL, such as 180001."""
PROGRAMS = ("pg_dump", "pg_restore", "psql")
ROOM = 2
"""Times the database, which no backup is larger than: one is written before an old one goes."""


def look_at_backups(
    machine: Machine, server: str | None, database_bytes: int, now: datetime
) -> Iterator[Finding]:
    """`server` is PostgreSQL's version. What backups are made with is looked at where no folder is
    set too: by hand they fail as well."""
    yield _age(machine, now)
    if machine.backups is not None and machine.backups.is_dir():
        yield _room(machine.backups, max(ROOM * database_bytes, machine.reserve))
    if server is not None:
        yield _programs(int(server) // 10_000)


def _age(machine: Machine, now: datetime) -> Finding:
    age = machine.backup_age(now)
    if machine.backups is None:
        return attention(
            "backups", "nobody looks whether they are made",
            "set PAYMENT_SERVICE_BACKUP_FOLDER to the folder that they go to",
        )  # fmt: skip
    if age is None:
        return attention(
            "backups", f"there is none in {machine.backups}",
            f"`payment-service backup --to {machine.backups} --verify`, every night by its timer",
        )  # fmt: skip
    says = f"the newest is {spelled(timedelta(seconds=age))} old"
    if timedelta(seconds=age) > STALE:
        return attention("backups", says, "look at the timer that makes them")
    return ok("backups", says)


def _room(folder: Path, least: int) -> Finding:
    free = free_bytes(folder)
    says = f"{free // MEGABYTE} MB free in {folder}"
    if free < least:
        remedy = f"make room: {least // MEGABYTE} MB should be free there"
        return attention("room for backups", says, remedy)
    return ok("room for backups", says)


def _programs(server: int) -> Finding:
    what, install = "backup programs", f"install postgresql-client-{server}"
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        return attention(what, f"{', '.join(missing)}: not installed", install)
    oldest = min(map(_version, PROGRAMS))
    says = f"PostgreSQL {oldest}'s, for a server of version {server}"
    # A newer one reads every older server, an older one refuses.
    return ok(what, says) if oldest >= server else attention(what, f"{says}: they fail", install)


def _version(program: str) -> int:
    """0 where it does not tell."""
    path = shutil.which(program) or program
    done = subprocess.run(  # noqa: S603 - a fixed program, and no shell
        [path, "--version"], capture_output=True, text=True, check=False
    )
    found = re.search(r"\) (\d+)", done.stdout)
    return int(found[1]) if found else 0

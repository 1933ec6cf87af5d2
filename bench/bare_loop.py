"""The limit: the statements of real confirmations, played again on the bare driver."""

import json
import shutil
import statistics
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from bench.prepare import Paid
from bench.report import Bare
from bench.scenarios import notice_body
from payment_service.actions.receive_notice import _store as store
from payment_service.books.settle import settle
from payment_service.kit.clock import SystemClock, monotonic
from payment_service.kit.sqlite import connect
from payment_service.kit.sqlite_transaction import SQLiteTransaction
from payment_service.model.charge import CHARGE
from payment_service.outside.gateway import CodeStatus
from payment_service.outside.simulator.codes import BY_REFERENCE
from payment_service.resources import Links
from payment_service.web.notices import read_notice

TURNS = 3

Steps = list[tuple[str, Any, bool]]
"""Text and values of each statement, and whether it ran once for each of many sets of values."""


class Confirmed(NamedTuple):
    """What one confirmation writes: the notice's transaction and the settlement's."""

    notice: Steps
    settlement: Steps


class Recorder:
    """A connection that remembers what it was asked to run."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._steps: Steps = []

    def execute(self, sql: str, values: Any = ()) -> Any:
        self._steps.append((sql, values, False))
        return self._connection.execute(sql, values)

    def executemany(self, sql: str, rows: Any) -> Any:
        self._steps.append((sql, rows, True))
        return self._connection.executemany(sql, rows)

    def take(self) -> Steps:
        """The steps since the last time."""
        steps, self._steps = self._steps, []
        return steps


def bare_loop(copy: Path, links: Links, paid: Sequence[Paid], units_per_commit: float) -> Bare:
    """Confirmations a second on one connection, at this many units a commit: the median of three
    turns. `copy` is a database of its own in which these charges are paid and unsettled.
    """
    connection = connect(str(copy))
    try:
        confirmed = _record(connection, links, paid, SystemClock().now())
        batch = max(1, round(units_per_commit))
        each = len(confirmed) // TURNS
        rates = [
            each / _play(connection, confirmed[turn * each : (turn + 1) * each], batch)
            for turn in range(TURNS)
        ]
    finally:
        connection.close()
    statements = len(confirmed[0].notice) + len(confirmed[0].settlement)
    return Bare(statistics.median(rates), statements, batch)


def copy_database(path: Path, to: Path) -> Path:
    """A copy of a database that nobody has open."""
    shutil.copyfile(path, to)
    return to


def _record(
    connection: Any, links: Links, paid: Sequence[Paid], begun: datetime
) -> list[Confirmed]:
    """Settle for real and take it all back: what is left are the statements and their values."""
    recorder = Recorder(connection)
    recording, plain = SQLiteTransaction(recorder), SQLiteTransaction(connection)
    confirmed = []
    connection.execute("BEGIN IMMEDIATE")
    for place, (charge_id, reference, _) in enumerate(paid):
        now = begun + timedelta(milliseconds=place)
        charge, code = plain.one(CHARGE, id=charge_id), plain.one(BY_REFERENCE, reference=reference)
        if charge is None or code is None or code.status != "completed":
            raise LookupError(f"charge {charge_id} is not paid at the gateway")
        body = json.dumps(notice_body(charge_id, reference))
        if not store(recording, charge, read_notice(body.encode()), body, now):
            raise LookupError(f"charge {charge_id} cannot be asked about")
        notice = recorder.take()
        said = CodeStatus(
            reference=code.reference,
            order_id=code.order_id,
            amount=code.amount,
            status=code.status,
            is_sandbox=code.is_sandbox,
            completed_at=code.completed_at,
        )
        settle(recording, links, charge_id, said, now)
        confirmed.append(Confirmed(notice, recorder.take()))
    connection.execute("ROLLBACK")
    return confirmed


def _play(connection: Any, confirmed: Sequence[Confirmed], batch: int) -> float:
    """Seconds for all: a commit for the notices of each batch, a commit for its settlements."""
    begun = monotonic()
    for start in range(0, len(confirmed), batch):
        some = confirmed[start : start + batch]
        _commit(connection, [one.notice for one in some])
        _commit(connection, [one.settlement for one in some])
    return monotonic() - begun


def _commit(connection: Any, units: Sequence[Steps]) -> None:
    execute, executemany = connection.execute, connection.executemany
    execute("BEGIN IMMEDIATE")
    for steps in units:
        for sql, values, many in steps:
            if many:
                executemany(sql, values)
            else:
                execute(sql, values).fetchall()
    execute("COMMIT")

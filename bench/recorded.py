"""What each operation runs on the database: recorded while the service's own code does it, and
taken back."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import msgspec
import psycopg

from bench.prepare import PLAN, Paid, Prepared
from bench.scenarios import notice_body
from payment_service.actions.receive_notice import store_notice
from payment_service.actions.subscribe import Subscriber, subscribe
from payment_service.books.settle import settle
from payment_service.kit.postgres import PostgresTransaction
from payment_service.kit.sqlite_transaction import SQLiteTransaction
from payment_service.kit.statements import Transaction
from payment_service.model.answer import Asked, once
from payment_service.model.charge import CHARGE
from payment_service.model.invoice_list import billed_of_app
from payment_service.model.key import app_and_key, hash_of
from payment_service.outside.gateway import CodeStatus
from payment_service.outside.simulator.codes import BY_REFERENCE
from payment_service.outside.simulator.gateway import said_of
from payment_service.resources import Links
from payment_service.web.notices import read_notice

Steps = list[tuple[str, Any, bool]]
"""Text and values of each statement of a transaction, and whether it ran once for each of many
sets of values."""
Operation = tuple[Steps, ...]
"""Its transactions."""


class Recorder:
    """A connection of SQLite, or a cursor of PostgreSQL, that remembers what it was to run."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._steps: Steps = []

    def cursor(self) -> "Recorder":
        return self

    @property
    def rowcount(self) -> int:
        return int(self._connection.rowcount)

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


class Recording:
    """An open connection, its transactions that are recorded and others that are not."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        if isinstance(connection, psycopg.Connection):
            recorder = Recorder(connection.cursor())
            self.tx: Transaction = PostgresTransaction(recorder)  # type: ignore[arg-type]
            self.unseen: Transaction = PostgresTransaction(connection)
        else:
            recorder = Recorder(connection)
            self.tx, self.unseen = SQLiteTransaction(recorder), SQLiteTransaction(connection)
        self.take = recorder.take

    @contextmanager
    def taken_back(self) -> Iterator[None]:
        """Nothing that is run within the block stays."""
        self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._connection.execute("ROLLBACK")


def record_confirmations(
    recording: Recording, prepared: Prepared, links: Links, count: int, begun: datetime
) -> list[Operation]:
    """A notice is stored, then its charge settled."""
    recorded: list[Operation] = []
    with recording.taken_back():
        for place, paid in enumerate(prepared.paid[:count]):
            now = begun + timedelta(milliseconds=place)
            body = json.dumps(notice_body(paid.charge_id, paid.reference))
            charge = recording.unseen.one(CHARGE, id=paid.charge_id)
            if charge is None or not store_notice(
                recording.tx, charge, read_notice(body.encode()), body, now
            ):
                raise LookupError(f"charge {paid.charge_id} cannot be asked about")
            notice = recording.take()
            settle(recording.tx, links, paid.charge_id, _said(recording.unseen, paid), now)
            recorded.append((notice, recording.take()))
    return recorded


def _said(tx: Transaction, paid: Paid) -> CodeStatus:
    code = tx.one(BY_REFERENCE, reference=paid.reference)
    if code is None or code.status != "completed":
        raise LookupError(f"charge {paid.charge_id} is not paid at the gateway")
    return said_of(code)


def record_creations(
    recording: Recording, prepared: Prepared, links: Links, count: int, begun: datetime
) -> list[Operation]:
    """A tenant never seen before subscribes, and the answer is kept under the request's key."""
    app = prepared.app
    recorded: list[Operation] = []
    with recording.taken_back():
        for place in range(count):
            now = begun + timedelta(milliseconds=place)
            subscriber = Subscriber(f"bare-{place}", name="Bengkel Maju")

            def work(
                tx: Transaction, subscriber: Subscriber = subscriber, now: datetime = now
            ) -> tuple[int, bytes]:
                done = subscribe(tx, app, links, subscriber, PLAN, None, {}, now)
                return 201, msgspec.json.encode(done.resource)

            asked = Asked(app.id, f"bare-{place}", hash_of(subscriber.reference), now)
            once(recording.tx, asked, None, work)
            recorded.append((recording.take(),))
    return recorded


def record_readings(
    recording: Recording, prepared: Prepared, chosen: Sequence[Paid]
) -> list[Operation]:
    """Whose key it is, and the invoice."""
    recorded: list[Operation] = []
    with recording.taken_back():
        for paid in chosen:
            app_and_key(recording.tx, hash_of(prepared.api_key))
            key = recording.take()
            billed_of_app(recording.tx, prepared.app.id, paid.invoice_id)
            recorded.append((key, recording.take()))
    return recorded

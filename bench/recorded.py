"""What each operation runs on the database: recorded while the service's own code does it, and
taken back."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import msgspec

from bench.prepare import PLAN, Paid, Prepared
from bench.scenarios import notice_body
from payment_service.actions.receive_notice import _store as store
from payment_service.actions.subscribe import Subscriber, subscribe
from payment_service.books.settle import settle
from payment_service.kit.sqlite_transaction import SQLiteTransaction
from payment_service.kit.statements import Transaction
from payment_service.model.answer import Asked, once
from payment_service.model.app import app_by_id
from payment_service.model.charge import CHARGE
from payment_service.model.invoice_list import billed_of_app
from payment_service.model.key import hash_of
from payment_service.outside.gateway import CodeStatus
from payment_service.outside.simulator.codes import BY_REFERENCE
from payment_service.resources import Links
from payment_service.web.access import _find as find_key
from payment_service.web.notices import read_notice

Steps = list[tuple[str, Any, bool]]
"""Text and values of each statement of a transaction, and whether it ran once for each of many
sets of values."""
Operation = tuple[Steps, ...]
"""Its transactions."""


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


def record_confirmations(
    connection: Any, prepared: Prepared, links: Links, count: int, begun: datetime
) -> list[Operation]:
    """A notice is stored, then its charge settled."""
    recorder, plain = Recorder(connection), SQLiteTransaction(connection)
    recording = SQLiteTransaction(recorder)
    recorded: list[Operation] = []
    with _taken_back(connection):
        for place, paid in enumerate(prepared.paid[:count]):
            now = begun + timedelta(milliseconds=place)
            body = json.dumps(notice_body(paid.charge_id, paid.reference))
            charge = plain.one(CHARGE, id=paid.charge_id)
            if charge is None or not store(
                recording, charge, read_notice(body.encode()), body, now
            ):
                raise LookupError(f"charge {paid.charge_id} cannot be asked about")
            notice = recorder.take()
            settle(recording, links, paid.charge_id, _said(plain, paid), now)
            recorded.append((notice, recorder.take()))
    return recorded


def _said(tx: Transaction, paid: Paid) -> CodeStatus:
    code = tx.one(BY_REFERENCE, reference=paid.reference)
    if code is None or code.status != "completed":
        raise LookupError(f"charge {paid.charge_id} is not paid at the gateway")
    return CodeStatus(
        reference=code.reference,
        order_id=code.order_id,
        amount=code.amount,
        status=code.status,
        is_sandbox=code.is_sandbox,
        completed_at=code.completed_at,
    )


def record_creations(
    connection: Any, prepared: Prepared, links: Links, count: int, begun: datetime
) -> list[Operation]:
    """A tenant never seen before subscribes, and the answer is kept under the request's key."""
    recorder = Recorder(connection)
    recording = SQLiteTransaction(recorder)
    app = app_by_id(SQLiteTransaction(connection), prepared.app_id)
    recorded: list[Operation] = []
    with _taken_back(connection):
        for place in range(count):
            now = begun + timedelta(milliseconds=place)
            subscriber = Subscriber(f"bare-{place}", name="Bengkel Maju")

            def work(
                tx: Transaction, subscriber: Subscriber = subscriber, now: datetime = now
            ) -> tuple[int, bytes]:
                done = subscribe(tx, app, links, subscriber, PLAN, None, {}, now)
                return 201, msgspec.json.encode(done.resource)

            asked = Asked(app.id, f"bare-{place}", hash_of(subscriber.reference), now)
            once(recording, asked, None, work)
            recorded.append((recorder.take(),))
    return recorded


def record_readings(connection: Any, prepared: Prepared, chosen: Sequence[Paid]) -> list[Operation]:
    """Whose key it is, and the invoice."""
    recorder = Recorder(connection)
    recording = SQLiteTransaction(recorder)
    recorded: list[Operation] = []
    for paid in chosen:
        find_key(recording, hash_of(prepared.api_key))
        key = recorder.take()
        billed_of_app(recording, prepared.app_id, paid.invoice_id)
        recorded.append((key, recorder.take()))
    return recorded


@contextmanager
def _taken_back(connection: Any) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")

"""Count the rows after the load: what was answered must be there, once, and nothing else."""

from contextlib import closing
from typing import Any, NamedTuple

import psycopg

from payment_service.kit.database import sqlite_path
from payment_service.kit.sqlite_connection import DRIVER


class Expected(NamedTuple):
    """How many subscriptions stood there before, were confirmed and were created."""

    prepared: int
    confirmed: int
    created: int


QUESTIONS = {
    "customers": "SELECT count(*) FROM customers",
    "subscriptions": "SELECT count(*) FROM subscriptions",
    "active subscriptions": "SELECT count(*) FROM subscriptions WHERE status = 'active'",
    "invoices": "SELECT count(*) FROM invoices",
    "different invoice numbers": "SELECT count(DISTINCT number) FROM invoices",
    "the last invoice number": "SELECT max(last) FROM invoice_counters",
    "paid invoices": "SELECT count(*) FROM invoices WHERE status = 'paid'",
    "paid charges": "SELECT count(*) FROM charges WHERE status = 'paid'",
    "notices": "SELECT count(*) FROM notices",
    "notices told once": "SELECT count(*) FROM notices WHERE times = 1",
    "payments": "SELECT count(*) FROM payments",
    "settled payments of a paid invoice with an active subscription": (
        "SELECT count(*) FROM payments p JOIN invoices i ON i.id = p.invoice_id "
        "JOIN subscriptions s ON s.id = i.subscription_id WHERE p.outcome = 'settled' "
        "AND p.amount = i.total AND i.status = 'paid' AND s.status = 'active'"
    ),
    "events": "SELECT count(*) FROM events",
    "different event positions": "SELECT count(DISTINCT position) FROM events",
    "the first event position": "SELECT min(position) FROM events",
    "the last event position": "SELECT max(position) FROM events",
    "the event counter": "SELECT max(last) FROM event_counters",
    "deliveries": "SELECT count(*) FROM deliveries",
    "events with a queued delivery": (
        "SELECT count(DISTINCT event_id) FROM deliveries WHERE status = 'queued'"
    ),
    "idempotent answers": "SELECT count(*) FROM idempotent_answers WHERE status = 201",
    "alerts": "SELECT count(*) FROM alerts",
}
OF_A_FILE = {
    "broken foreign keys": "SELECT count(*) FROM pragma_foreign_key_check",
    "faults in the file": "SELECT count(*) FROM pragma_quick_check WHERE quick_check <> 'ok'",
}
"""PostgreSQL checks its own keys, and knows no such question."""


def mismatches(url: str, expected: Expected) -> list[str]:
    """A sentence for each count that is not what it must be."""
    found, wanted = _found(url), _wanted(expected)
    return [
        f"{name}: {count}, expected {wanted[name]}"
        for name, count in found.items()
        if count != wanted[name]
    ]


def _found(url: str) -> dict[str, int]:
    if url.startswith("sqlite"):
        connection: Any = DRIVER.connect(f"file:{sqlite_path(url)}?mode=ro", uri=True)
        questions = QUESTIONS | OF_A_FILE
    else:
        connection, questions = psycopg.connect(url, autocommit=True), QUESTIONS
    with closing(connection):
        return {name: connection.execute(sql).fetchone()[0] for name, sql in questions.items()}


def _wanted(expected: Expected) -> dict[str, int]:
    prepared, confirmed, created = expected
    # Two for each confirmation and each creation, and two for the one that was copied.
    events = 2 * (confirmed + created) + 2
    return dict.fromkeys(QUESTIONS | OF_A_FILE, confirmed) | {
        "customers": prepared + created,
        "subscriptions": prepared + created,
        "invoices": prepared + created,
        "different invoice numbers": prepared + created,
        "the last invoice number": prepared + created,
        "events": events,
        "different event positions": events,
        "the first event position": 1,
        "the last event position": events,
        "the event counter": events,
        "deliveries": events,
        "events with a queued delivery": events,
        "idempotent answers": created,
        "alerts": 0,
        "broken foreign keys": 0,
        "faults in the file": 0,
    }

"""The app's own database: workshops, their sessions and jobs, and what it heard about payment.

One connection, used from the event loop: each statement takes well under a millisecond.
"""

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bukubengkel.billing import Code, Subscription, parse_subscription
from bukubengkel.schema import SCHEMA


@dataclass(frozen=True)
class Tenant:
    """A workshop. Its id is the `reference` by which Payment Service knows it."""

    id: str
    workshop: str
    owner: str


@dataclass(frozen=True)
class Job:
    plate: str
    task: str
    done: bool


class Store:
    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path)
        self._db.execute("PRAGMA foreign_keys = ON")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        self._db.close()

    def sign_up(self, tenant: Tenant, session: str, jobs: list[Job]) -> None:
        """`session` is the hash of the cookie's token: a copy of this file opens no account."""
        with self._db:
            self._db.execute(
                "INSERT INTO tenants (id, workshop, owner) VALUES (?, ?, ?)",
                (tenant.id, tenant.workshop, tenant.owner),
            )
            self._db.execute(
                "INSERT INTO sessions (token_hash, tenant) VALUES (?, ?)", (session, tenant.id)
            )
            self._db.executemany(
                "INSERT INTO jobs (tenant, plate, task, done) VALUES (?, ?, ?, ?)",
                [(tenant.id, job.plate, job.task, job.done) for job in jobs],
            )

    def sign_out(self, session: str) -> None:
        with self._db:
            self._db.execute("DELETE FROM sessions WHERE token_hash = ?", (session,))

    def tenant_of(self, session: str) -> Tenant | None:
        row = self._db.execute(
            "SELECT id, workshop, owner FROM tenants JOIN sessions ON tenants.id = sessions.tenant "
            "WHERE token_hash = ?",
            (session,),
        ).fetchone()
        return Tenant(*row) if row else None

    def jobs_of(self, tenant: Tenant) -> list[Job]:
        rows = self._db.execute(
            "SELECT plate, task, done FROM jobs WHERE tenant = ? ORDER BY id DESC LIMIT 50",
            (tenant.id,),
        )
        return [Job(plate, task, bool(done)) for plate, task, done in rows]

    def add_job(self, tenant: Tenant, job: Job) -> None:
        with self._db:
            self._db.execute(
                "INSERT INTO jobs (tenant, plate, task, done) VALUES (?, ?, ?, ?)",
                (tenant.id, job.plate, job.task, job.done),
            )

    def subscription_of(self, tenant: Tenant) -> Subscription | None:
        """The one that gives access, else the newest: ids are ordered by time."""
        row = self._db.execute(
            "SELECT body FROM subscriptions WHERE tenant = ? ORDER BY access DESC, id DESC LIMIT 1",
            (tenant.id,),
        ).fetchone()
        return parse_subscription(json.loads(row[0])) if row else None

    def learn(self, subscription: Subscription) -> bool:
        """Keeps what an answer of the API says; False when newer news was heard before."""
        with self._db:
            return self._learn(subscription)

    def hear(self, event_id: str, at: datetime, subscription: Subscription | None) -> bool:
        """Keeps what a webhook says, its id in the same commit; False when it changes nothing."""
        with self._db:
            first_time = self._db.execute(
                "INSERT INTO heard (event_id, at) VALUES (?, ?) ON CONFLICT DO NOTHING",
                (event_id, at.isoformat()),
            ).rowcount
            return bool(first_time) and subscription is not None and self._learn(subscription)

    def _learn(self, subscription: Subscription) -> bool:
        # Selecting from tenants ignores customers that this database does not know. An equal
        # `seq` is let through: between two events only the open invoice can have changed.
        changed = self._db.execute(
            "INSERT INTO subscriptions (id, tenant, seq, access, body) "
            "SELECT ?, id, ?, ?, ? FROM tenants WHERE id = ? "
            "ON CONFLICT (id) DO UPDATE SET "
            "seq = excluded.seq, access = excluded.access, body = excluded.body "
            "WHERE excluded.seq >= subscriptions.seq AND excluded.tenant = subscriptions.tenant",
            (
                subscription.id,
                subscription.seq,
                subscription.access,
                subscription.body,
                subscription.reference,
            ),
        ).rowcount
        return changed > 0

    def code_of(self, tenant: Tenant) -> Code | None:
        row = self._db.execute(
            "SELECT invoice, number, qr_string, amount, fee, total, expires_at, pay_url "
            "FROM codes WHERE tenant = ?",
            (tenant.id,),
        ).fetchone()
        if row is None:
            return None
        invoice, number, qr_string, amount, fee, total, expires_at, pay_url = row
        runs_out = datetime.fromisoformat(expires_at)
        return Code(invoice, number, qr_string, amount, fee, total, runs_out, pay_url)

    def keep_code(self, tenant: Tenant, code: Code) -> None:
        """Only the newest code of a workshop is shown; older ones stay payable at the service."""
        with self._db:
            self._db.execute(
                "INSERT OR REPLACE INTO codes "
                "(tenant, invoice, number, qr_string, amount, fee, total, expires_at, pay_url) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    tenant.id,
                    code.invoice,
                    code.number,
                    code.qr_string,
                    code.amount,
                    code.fee,
                    code.total,
                    code.expires_at.isoformat(),
                    code.pay_url,
                ),
            )

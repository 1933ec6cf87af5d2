"""The connections to PostgreSQL, and what is done while it is away."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool, PoolTimeout

from payment_service.kit.clock import monotonic
from payment_service.kit.errors import CannotStart, Unavailable
from payment_service.kit.postgres_presence import Presence
from payment_service.kit.write_metrics import counted

SETTINGS = {
    "TimeZone": "UTC",
    "synchronous_commit": "on",
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "10s",
}
CONNECTING = {
    "connect_timeout": 3,
    "tcp_user_timeout": 5000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
}
"""What the URL may set otherwise. A network that swallows all without a word else holds the threads
for minutes, also after it is well again."""
LONGEST = 10.0
"""Seconds of waiting for a connection where the server lets the process have fewer than it may."""
LOOK_AGAIN = 0.3
"""Seconds."""


class Connections:
    """Up to `most`, each used by one thread at a time."""

    def __init__(self, url: str, most: int, patience: float) -> None:
        """Raises CannotStart when the server has not answered after `patience` seconds."""
        given: dict[str, Any] = CONNECTING | conninfo_to_dict(url)
        self._conninfo = make_conninfo(**given)
        self._presence = Presence(self._refusal)
        options = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
        self._pool = ConnectionPool(
            self._conninfo,
            min_size=1,
            max_size=most,
            kwargs={"autocommit": True, "options": options},
            # It tries again by itself ever more rarely, after up to two minutes: let it give up,
            # and whoever asks for a connection makes it try.
            reconnect_timeout=0,
            reconnect_failed=self._without_connection,
            open=False,
        )
        # The pool warns of each try; what matters is told once, by Presence.
        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
        until = monotonic() + patience
        while (reason := self._refusal_to_connect()) is not None:
            if monotonic() > until:
                raise CannotStart(
                    "PostgreSQL does not answer; check PAYMENT_SERVICE_DATABASE_URL and that the "
                    f"server runs ({reason})"
                )
            time.sleep(LOOK_AGAIN)
        self._pool.open()

    @property
    def is_away(self) -> bool:
        """For so long that nobody need ask."""
        return self._presence.is_away

    def wait_no_more(self) -> None:
        self._presence.close()

    def close(self) -> None:
        self._pool.close()

    @contextmanager
    def begun(self, begin: str) -> Iterator[psycopg.Connection[Any]]:
        """A connection in a transaction, rolled back when the block raises."""
        connection, began = self._begin(begin)
        try:
            yield connection
        except BaseException as error:
            if connection.closed:
                self._presence.lose(_first_line(error), began)
            else:
                connection.execute("ROLLBACK")
            raise
        finally:
            self._pool.putconn(connection)

    def _begin(self, begin: str) -> tuple[psycopg.Connection[Any], float]:
        # After a restart of the server every connection in the pool fails once, and nothing has
        # happened on it yet: take the next one.
        for _ in range(self._pool.max_size + 1):
            connection, began = self._connection(), monotonic()
            try:
                connection.execute(begin)
            except psycopg.OperationalError as error:
                self._pool.putconn(connection)
                self._presence.lose(_first_line(error), began)
            else:
                return connection, began
        raise unreachable()

    def _connection(self) -> psycopg.Connection[Any]:
        until = monotonic() + LONGEST
        while self._presence.comes() and monotonic() < until:
            # It may go while one is waited for: then that is in vain.
            with suppress(PoolTimeout):
                return self._pool.getconn(timeout=LOOK_AGAIN)
        raise unreachable()

    def _without_connection(self, pool: ConnectionPool) -> None:
        """One could not be made; others of the pool may be well, where the server takes no more."""
        if pool.get_stats()["pool_size"] == 0:
            refusal = self._refusal_to_connect()
            if refusal is not None:
                self._presence.lose(refusal, monotonic())

    def _refusal(self) -> str | None:
        """Why it does not answer; None where it does."""
        try:
            connection = self._pool.getconn(timeout=LOOK_AGAIN)
        except psycopg.Error:
            return self._refusal_to_connect()
        try:
            connection.execute("SELECT 1")
        except (psycopg.Error, OSError) as error:
            return _first_line(error)
        finally:
            self._pool.putconn(connection)
        return None

    def _refusal_to_connect(self) -> str | None:
        try:
            psycopg.connect(self._conninfo).close()
        except (psycopg.Error, OSError) as error:  # of the system: no more files
            return _first_line(error)
        return None


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


def unreachable() -> Unavailable:
    return counted(Unavailable("database_unreachable", "The database does not answer; ask again."))

"""A service that is reached through Caddy only, as tenants and apps reach it."""

import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from payment_service.kit import sqlite_connection
from tests.cli.commands import Operator
from tests.deploy.caddy import Answer, Caddy, caddy


class House:
    """A test app with a plan, a Caddy that stands, and a service that may come and go behind it.

    Between them is a socket that nobody closes, as `deploy/payment-service.socket` has it.
    """

    def __init__(self, folder: Path, front: Caddy, door: socket.socket, running: ExitStack) -> None:
        self.front = front
        self._door = door
        self._operator = Operator(folder, base_url=front.origin)
        self._running = running
        app = self._made("app", "create", "--name", "BukuBengkel", "--mode", "test")
        named = ("--code", "bulanan", "--name", "Bulanan", "--price", "99000", "--months", "1")
        self._made("plan", "create", "--app", app["id"], *named)
        self.key: str = app["api_key"]
        self.start()

    def start(self) -> None:
        """Until it takes requests."""
        self.served = self._running.enter_context(self._operator.serving(self._door))

    def stop(self) -> int:
        """As systemd does; the exit code."""
        self.served.process.send_signal(signal.SIGTERM)
        return self.served.process.wait(40)

    def subscribes(self, reference: str) -> Answer:
        """What an app asks for when a tenant has chosen the plan."""
        body = {"customer": {"reference": reference, "name": "Bengkel Jaya"}, "plan": "bulanan"}
        return self.front.ask("POST", "/v1/subscriptions", body, self.key)

    def subscriptions(self) -> int:
        """How many there are in the database."""
        path = self._operator.folder / "data" / "payment-service.sqlite3"
        with closing(sqlite_connection.connect(str(path))) as connection:
            return int(connection.execute("SELECT count(*) FROM subscriptions").fetchone()[0])

    def log(self) -> str:
        return (self._operator.folder / "serve.log").read_text()

    def _made(self, *words: str) -> dict[str, Any]:
        done = self._operator.runs(*words, "--json")
        assert done.code == 0, done.err
        made: dict[str, Any] = done.json
        return made


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    with (
        socket.create_server(("127.0.0.1", 0), backlog=512) as door,
        caddy(folder, door.getsockname()[1]) as front,
        ExitStack() as running,
    ):
        yield House(folder, front, door, running)

"""Being told to stop: what is under way is finished, what is half there is let go, all in time."""

import http.client
import json
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from queue import Queue
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from payment_service.kit.clock import monotonic
from tests.cli.commands import Operator, Serving
from tests.cli.conftest import SetUp

POST = b"POST /v1/plans HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


def connected(served: Serving) -> socket.socket:
    address = urlsplit(served.origin)
    return socket.create_connection((address.hostname or "", address.port or 0), timeout=30)


def log_of(operator: Operator) -> str:
    return (operator.folder / "serve.log").read_text()


class Hanging(NamedTuple):
    """A service whose gateway and whose app say nothing: a request and a delivery are under way."""

    operator: Operator
    served: Serving
    answer: "Future[int]"
    """The status that the request gets."""


@pytest.fixture
def hanging(operator: Operator) -> Iterator[Hanging]:
    with silent() as (port, arrivals), ThreadPoolExecutor(1) as threads:
        origin = f"http://127.0.0.1:{port}"
        operator.settings["private_targets"] = f"127.0.0.1:{port}"
        made = operator.runs(
            "app", "create", "--name", "Bengkel", "--mode", "test", "--gateway", "pakasir",
            "--pakasir-project", "bengkel", "--pakasir-api-key", "kunci",
            "--pakasir-webhook-secret", "rahasia", "--pakasir-base-url", origin,
            "--webhook-url", f"{origin}/hook", "--json",
        )  # fmt: skip
        assert made.code == 0, made.err
        plan = ("--code", "bulanan", "--name", "Bulanan", "--price", "99000", "--months", "1")
        assert operator.runs("plan", "create", "--app", made.json["id"], *plan).code == 0
        key = made.json["api_key"]
        with operator.serving() as served:
            body = {"customer": {"reference": "tenant-1"}, "plan": "bulanan"}
            _, subscription = asked(served, key, "/v1/subscriptions", body)
            invoice = subscription["open_invoice"]["id"]

            def asks_for_its_code() -> int:
                return asked(served, key, f"/v1/invoices/{invoice}/qris", {})[0]

            answer = threads.submit(asks_for_its_code)
            for _ in range(2):  # the code, and the delivery
                arrivals.get(timeout=10)
            yield Hanging(operator, served, answer)


@contextmanager
def silent() -> Iterator[tuple[int, "Queue[socket.socket]"]]:
    """A port that takes connections, tells of each, and never says a word."""
    arrivals: Queue[socket.socket] = Queue()
    with socket.create_server(("127.0.0.1", 0)) as door, ExitStack() as held:

        def take() -> None:
            with suppress(OSError):
                while True:
                    arrivals.put(held.enter_context(door.accept()[0]))

        taking = threading.Thread(target=take)
        taking.start()
        try:
            yield door.getsockname()[1], arrivals
        finally:
            door.shutdown(socket.SHUT_RDWR)
            taking.join()


def asked(served: Serving, key: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
    """Status and content of the answer."""
    address = urlsplit(served.origin)
    made = http.client.HTTPConnection(address.hostname or "", address.port, timeout=40)
    with closing(made) as connection:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        connection.request("POST", path, json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def test_what_is_under_way_is_finished_and_the_process_ends_in_time(hanging: Hanging) -> None:
    began = monotonic()
    hanging.served.process.send_signal(signal.SIGTERM)
    assert hanging.served.process.wait(40) == 0
    assert monotonic() - began < 25
    assert hanging.answer.result(1) == 503  # the gateway gave no code
    assert "Traceback" not in log_of(hanging.operator)


def test_who_is_told_twice_ends_at_once(hanging: Hanging) -> None:
    hanging.served.process.send_signal(signal.SIGTERM)
    time.sleep(1)
    assert hanging.served.process.poll() is None
    began = monotonic()
    hanging.served.process.send_signal(signal.SIGTERM)
    assert hanging.served.process.wait(40) == 1
    assert monotonic() - began < 5
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        hanging.answer.result(5)


def test_a_request_that_is_half_sent_gets_no_fault_and_no_traceback(set_up: SetUp) -> None:
    with set_up.operator.serving() as served:
        halves = [connected(served) for _ in range(3)]
        halves[0].sendall(POST + b"Content-Length: 100\r\n\r\n{")
        halves[1].sendall(POST)
        idle = connected(served)
        with closing(connected(served)) as last:  # who came before it has been heard by then
            last.sendall(b"GET /healthz/ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert last.recv(99).startswith(b"HTTP/1.1 ")
        began = monotonic()
        served.process.send_signal(signal.SIGTERM)
        heard = [half.recv(65_536) for half in (*halves, idle)]
        assert served.process.wait(30) == 0
        assert monotonic() - began < 5
        for half in (*halves, idle):
            half.close()
    assert [answer[9:12] for answer in heard] == [b"503", b"503", b"", b""]
    assert "Traceback" not in log_of(set_up.operator)
    assert '"level":"error"' not in log_of(set_up.operator)


def test_each_line_on_stderr_is_an_object_or_for_people(operator: Operator) -> None:
    with operator.serving() as served:
        with closing(connected(served)) as connection:
            connection.sendall(b"GET /v1/plans HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                               b"Authorization: Bearer psk_test_nobody\r\n\r\n")  # fmt: skip
            assert connection.recv(99).startswith(b"HTTP/1.1 401 ")
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(timeout=30) == 0
    lines = log_of(operator).splitlines()
    people = [line for line in lines if line.startswith("payment-service: ")]
    assert any("listening on http://" in line for line in people)
    logged = [json.loads(line) for line in lines if line not in people]
    assert "key_refused" in {line["event"] for line in logged}

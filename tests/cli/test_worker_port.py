"""A worker without a `serve` tells of itself on a port, where it is given one."""

import signal
import time
from contextlib import closing
from http.client import HTTPConnection

from payment_service.kit.clock import monotonic
from tests.cli.conftest import SetUp
from tests.guide.processes import own_address
from tests.hearing import free_port

TOKEN = "a token of the owner's choice"


def asked(port: int, path: str, *, host: str = "127.0.0.1", token: str = "") -> tuple[int, str]:
    try:
        with closing(HTTPConnection(host, port, timeout=10)) as connection:
            connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
    except OSError:
        return 0, ""


def test_a_worker_answers_for_itself_until_it_is_told_to_stop(set_up: SetUp) -> None:
    port = free_port()
    process = set_up.operator.starts("worker", "--port", str(port))
    try:
        until = monotonic() + 60
        while asked(port, "/healthz/ready")[0] != 200 and monotonic() < until:
            time.sleep(0.1)
        assert asked(port, "/healthz/live")[0] == 200
        status, told = asked(port, "/metrics")
        assert status == 200
        assert "payment_service_database_up 1" in told
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=30)
        assert process.returncode == 0
        assert "Traceback" not in said
    finally:
        process.kill()


def test_on_an_address_that_it_is_given_it_tells_other_machines_that_have_the_token(
    set_up: SetUp,
) -> None:
    host = own_address()
    port = free_port(host)
    words = ("worker", "--host", host, "--port", str(port))
    process = set_up.operator.starts(*words, metrics_token=TOKEN)
    try:
        until = monotonic() + 60
        while asked(port, "/healthz/ready", host=host)[0] != 200 and monotonic() < until:
            time.sleep(0.1)
        assert asked(port, "/metrics", host=host)[0] == 404
        assert asked(port, "/metrics", host=host, token=TOKEN)[0] == 200
    finally:
        process.kill()
        process.communicate()

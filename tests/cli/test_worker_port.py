"""A worker without a `serve` tells of itself on a port, where it is given one."""

import signal
import socket
import time
import urllib.request
from urllib.error import URLError

from payment_service.kit.clock import monotonic
from tests.cli.conftest import SetUp


def asked(port: int, path: str) -> tuple[int, str]:
    try:
        url = f"http://127.0.0.1:{port}{path}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except URLError:
        return 0, ""


def test_a_worker_answers_for_itself_until_it_is_told_to_stop(set_up: SetUp) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
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

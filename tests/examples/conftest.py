"""BukuBengkel as its own process, a fake Payment Service, and visitors."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from payment_service.kit.clock import SystemClock
from tests.hearing import free_port

from .fake_service import API_KEY, WEBHOOK_SECRET, FakeService
from .visitor import Visitor

EXAMPLE = Path(__file__).parents[2] / "examples" / "bukubengkel"
COMMAND = (sys.executable, "-m", "bukubengkel")


def environment(**settings: str) -> dict[str, str]:
    """Nothing but what is named: a setting of the machine must not decide a test."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(EXAMPLE), **settings}


@pytest.fixture(scope="session")
def service_port() -> int:
    return free_port()


@pytest.fixture(scope="session")
def url(service_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where BukuBengkel answers: one process for all tests, each signs up workshops of its own."""
    folder, port = tmp_path_factory.mktemp("bukubengkel"), free_port()
    settings = environment(
        BUKUBENGKEL_PORT=str(port),
        BUKUBENGKEL_DATABASE=str(folder / "bukubengkel.db"),
        PAYMENT_SERVICE_URL=f"http://127.0.0.1:{service_port}",
        PAYMENT_SERVICE_API_KEY=API_KEY,
        PAYMENT_SERVICE_WEBHOOK_SECRET=WEBHOOK_SECRET,
    )
    log = folder / "log"
    with (
        log.open("wb") as stderr,
        subprocess.Popen(COMMAND, env=settings, stderr=stderr) as process,
    ):
        _wait_until_open(port, process, log)
        yield f"http://127.0.0.1:{port}"
        process.terminate()
    assert "Traceback" not in log.read_text()


def _wait_until_open(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    while process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(f"BukuBengkel did not start: {log.read_text()}")


@pytest.fixture
async def service(service_port: int) -> AsyncIterator[FakeService]:
    fake = FakeService(SystemClock().now, service_port)
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
async def visit(url: str) -> AsyncIterator[Callable[..., Visitor]]:
    """Makes visitors, each with cookies of their own."""
    visitors: list[Visitor] = []

    def make(language: str = "id") -> Visitor:
        visitors.append(Visitor(url, language))
        return visitors[-1]

    yield make
    for visitor in visitors:
        await visitor.http.close()

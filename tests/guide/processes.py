"""Programs of the guide, as processes on ports of the loopback."""

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from payment_service.kit.clock import monotonic

START_SECONDS = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    command: list[str], port: int, folder: Path, settings: Mapping[str, str]
) -> Iterator[None]:
    """From when it answers on the port; killed at the end. It has no settings but these."""
    log = folder / "log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={"PATH": os.environ["PATH"], **settings},
            stdout=said,
            stderr=said,
        )
    try:
        ends = monotonic() + START_SECONDS
        while not _answers(port):
            assert process.poll() is None, log.read_text()
            assert monotonic() < ends, log.read_text()
            time.sleep(0.02)
        yield
    finally:
        process.kill()
        process.wait()


def wait_for(true: Callable[[], bool]) -> None:
    """Until something has come that is on its way."""
    ends = monotonic() + 15
    while not true():
        assert monotonic() < ends, "it did not become so"
        time.sleep(0.02)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0

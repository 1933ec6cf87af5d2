"""Programs of the guide, as processes on ports of the loopback."""

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

from payment_service.kit.clock import monotonic
from tests.missing import not_tested_here

START_SECONDS = 30


def own_address() -> str:
    """One of this machine that is not its loopback. Nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("198.51.100.1", 9))
            address = str(probe.getsockname()[0])
        except OSError:
            address = "127.0.0.1"
    if ip_address(address).is_loopback:
        not_tested_here("no address but the loopback, on which a service could be on its own")
    return address


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
    ends = monotonic() + 60
    while not true():
        assert monotonic() < ends, "it did not become so"
        time.sleep(0.02)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0

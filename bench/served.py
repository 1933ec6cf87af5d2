"""The server under load: the real command in a process of its own, on a core of its own."""

import http.client
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from bench.cores import on_core
from bench.databases import environment_of
from payment_service.config import Settings
from payment_service.kit.clock import monotonic

COMMAND = Path(sys.executable).with_name("payment-service")
LOG = "server.log"
LOOK_EVERY = 0.002
PATIENCE = 30.0


class Served(NamedTuple):
    """A server that answers. `ready_after` is in seconds from exec to its first 200, `database_pid`
    that of a database that is not in the process itself."""

    process: subprocess.Popen[bytes]
    host: str
    port: int
    ready_after: float
    database_pid: int | None = None

    @property
    def pid(self) -> int:
        return self.process.pid


def start(
    folder: Path,
    settings: Settings,
    core: int,
    *,
    worker: bool = False,
    environment: Mapping[str, str] | None = None,
    database_pid: int | None = None,
) -> Served:
    """Start it on that core and wait until it is ready.

    Its output goes to a file in the folder, as a service's log does: a pipe would have to be read
    under load.
    """
    given = environment_of(settings) | dict(environment or {})
    command = [str(COMMAND), "serve", "--port", "0"] + ([] if worker else ["--no-worker"])
    log = folder / LOG
    with on_core(core), log.open("wb") as output:
        begun = monotonic()
        process = subprocess.Popen(command, env=given, stdout=output, stderr=output)
    try:
        address = urlsplit(_address(process, log, begun))
        host, port = address.hostname or "", address.port or 0
        while not _is_ready(host, port):
            _wait(process, log, begun)
        return Served(process, host, port, monotonic() - begun, database_pid)
    except BaseException:
        process.kill()
        process.wait()
        raise


def stop(served: Served) -> None:
    """Ask it to end, as an operator does. Raises RuntimeError when it does not end well."""
    served.process.terminate()
    try:
        code = served.process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        served.process.kill()
        served.process.wait()
        raise RuntimeError("the server did not end when it was told to") from None
    if code != 0:
        raise RuntimeError(f"the server ended with exit code {code}")


def _address(process: subprocess.Popen[bytes], log: Path, begun: float) -> str:
    while True:
        for line in log.read_text().splitlines(keepends=True):
            if "listening on " in line and line.endswith("\n"):
                return line.split("listening on ")[1].strip()
        _wait(process, log, begun)


def _is_ready(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=PATIENCE)
    try:
        connection.request("GET", "/healthz/ready")
        return connection.getresponse().status == 200
    except ConnectionError:
        return False
    finally:
        connection.close()


def _wait(process: subprocess.Popen[bytes], log: Path, begun: float) -> None:
    if process.poll() is not None or monotonic() - begun > PATIENCE:
        raise RuntimeError(f"the server did not start: {log.read_text()[-2000:]}")
    time.sleep(LOOK_EVERY)

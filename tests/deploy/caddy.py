"""A real Caddy with `deploy/Caddyfile`, on free ports, in front of a port of this machine.

    with caddy(tmp_path, port) as front:
        with operator.serving(port, base_url=front.origin):
            front.ask("GET", "/healthz/ready")

The service may end and come back on its port while Caddy stands. There may be several ports.
"""

import http.client
import json
import os
import re
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from payment_service.kit.clock import monotonic
from tests.hearing import free_port
from tests.missing import not_tested_here

CADDYFILE = Path(__file__).parents[2] / "deploy" / "Caddyfile"
START_SECONDS = 30


class Answer(NamedTuple):
    """What came back through Caddy."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Caddy(NamedTuple):
    """A Caddy that runs. Its authority has made it a certificate for `localhost`."""

    origin: str
    plain_port: int
    authority: Path
    log: Path

    def connection(self, seconds: float = 60) -> http.client.HTTPSConnection:
        trusted = ssl.create_default_context(cafile=self.authority)
        port = int(self.origin.rpartition(":")[2])
        return http.client.HTTPSConnection("localhost", port, timeout=seconds, context=trusted)

    def ask(
        self, method: str, path: str, body: Any = None, key: str = "", **headers: str
    ) -> Answer:
        """On a connection of its own. `X_Name` is the header `X-Name`."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if key:
            sent["Authorization"] = f"Bearer {key}"
        if body is not None and not isinstance(body, bytes):
            sent["Content-Type"] = "application/json"
            body = json.dumps(body).encode()
        with closing(self.connection()) as connection:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())


def program() -> str:
    """Skips where there is none."""
    found = shutil.which("caddy")
    if found is None:
        not_tested_here("no caddy to stand in front", required_by="REQUIRE_CADDY")
    return found


@contextmanager
def caddy(folder: Path, *ports: int, proxied: str | None = None) -> Iterator[Caddy]:
    """From when it answers; killed at the end. Its files are in `folder`, its log too. `proxied`
    takes the place of the file's own `reverse_proxy`."""
    plain, secure = free_port(), free_port()
    written = folder / "Caddyfile"
    text = here(CADDYFILE.read_text(), plain, secure)
    if proxied is not None:
        own = re.search(r"^\treverse_proxy .*?^\t\}$", text, re.DOTALL | re.MULTILINE)
        assert own is not None
        text = text.replace(own[0], proxied)
    written.write_text(text)
    log = folder / "caddy.log"

    def started() -> "subprocess.Popen[bytes]":
        with log.open("wb") as said:
            return subprocess.Popen(
                [program(), "run", "--config", written],
                env={
                    "PATH": os.environ["PATH"],
                    "HOME": str(folder),
                    "XDG_DATA_HOME": str(folder),
                    "SITE": f"localhost:{secure}",
                    "UPSTREAM": " ".join(f"127.0.0.1:{port}" for port in ports),
                },
                stdout=said,
                stderr=said,
            )

    process = started()
    authority = folder / "caddy" / "pki" / "authorities" / "local" / "root.crt"
    front = Caddy(f"https://localhost:{secure}", plain, authority, log)
    try:
        ends = monotonic() + START_SECONDS
        while not _answers(front):
            assert process.poll() is None, log.read_text()
            assert monotonic() < ends, log.read_text()
            if "will retry" in log.read_text():  # its first look through its store took the new key
                process.kill()
                process.wait()
                process = started()
            time.sleep(0.05)
        yield front
    finally:
        process.kill()
        process.wait()


def here(text: str, plain: int, secure: int) -> str:
    """The Caddyfile on other ports of its own, and leaving this machine's settings alone."""
    assert text.count("\n{\n") == 1
    options = f"\tadmin off\n\tskip_install_trust\n\thttp_port {plain}\n\thttps_port {secure}\n"
    return text.replace("\n{\n", "\n{\n" + options)


def _answers(front: Caddy) -> bool:
    """Whether its certificate is there and shown."""
    try:
        with closing(front.connection(1)) as connection:
            connection.connect()
    except OSError:
        return False
    return True

"""Every command of the guide, typed in its order against a service that was started by them."""

import json
import os
import re
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands import COMMAND
from tests.guide.pages import GUIDE
from tests.guide.processes import running, wait_for
from tests.guide.typist import Typist, lacks
from tests.hearing import free_port
from tests.missing import not_tested_here

SECRETS = ("sandbox-key", "sandbox-secret", "live-key", "live-secret")


class Endpoint:
    """Where the guide's app would listen: takes what comes and keeps it."""

    def __init__(self, port: int) -> None:
        heard = self.heard = list[dict[str, Any]]()

        class Hears(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                heard.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", port), Hears)

    def told(self, type_: str) -> dict[str, Any]:
        """The first message of a type."""
        wait_for(lambda: any(one["type"] == type_ for one in self.heard))
        return next(one for one in self.heard if one["type"] == type_)

    @contextmanager
    def listening(self) -> Iterator[None]:
        thread = threading.Thread(target=self._server.serve_forever)
        thread.start()
        yield
        self._server.shutdown()
        thread.join()
        self._server.server_close()


class Desk:
    """The typist, the app's endpoint, and both of Pakasir's projects, on ports of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        hook, sandbox, live, self.port = (free_port() for _ in range(4))
        self.endpoint = Endpoint(hook)
        self._running = ExitStack()
        self._gateways = {"bukubengkel-sandbox": sandbox, "bukubengkel": live}
        hosts = [f"127.0.0.1:{port}" for port in (hook, sandbox, live)]
        in_a_year = datetime.now(UTC).date() + timedelta(days=365)
        replaced = {
            "TARGETS=127.0.0.1:3000": f"TARGETS={','.join(hosts)}",
            "127.0.0.1:3000": hosts[0],
            "http://localhost:5005": f"http://127.0.0.1:{self.port}",
            '"2027-11-22"': f'"{in_a_year}"',
            **{
                f"--pakasir-project {project} ": f"--pakasir-project {project}"
                f" --pakasir-base-url http://127.0.0.1:{port} "
                for project, port in self._gateways.items()
            },
        }
        settings = {
            "PATH": f"{COMMAND.parent}:{os.environ['PATH']}",
            "HOME": str(folder),
            "PAYMENT_SERVICE_PORT": str(self.port),
        }
        # A refusal ends the command, as a reader would stop at it.
        (folder / ".curlrc").write_text("silent\nshow-error\nfail-with-body\n")
        for name in SECRETS:
            (folder / f"{name}.txt").write_text(name)
        self.typist = Typist(folder, settings, replaced, self._serve)

    def __enter__(self) -> "Desk":
        self._running.enter_context(self.endpoint.listening())
        with ThreadPoolExecutor() as both:
            list(both.map(self._start_gateway, self._gateways.items()))
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def _start_gateway(self, one: tuple[str, int]) -> None:
        project, port = one
        kind = "live" if project == "bukubengkel" else "sandbox"
        self._start(
            port,
            *("simulate-pakasir", "--project", project, f"--{kind}", "--port", str(port)),
            *("--api-key", f"{kind}-key", "--webhook-secret", f"{kind}-secret"),
            *("--webhook-url", "http://127.0.0.1:9/"),
        )

    def _serve(self) -> None:
        self._start(self.port, "serve", **self.typist.environment)

    def _start(self, port: int, *arguments: str, **settings: str) -> None:
        folder = self.folder if settings else self.folder / str(port)
        folder.mkdir(exist_ok=True)
        command = [str(COMMAND), *arguments]
        self._running.enter_context(running(command, port, folder, settings))


def masked(line: str) -> str:
    """A line of a timeline without what its day decides."""
    return re.sub(r"\d+", "0", line).strip()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    if shutil.which("curl") is None:
        not_tested_here("no curl to type the guide's commands with", required_by="REQUIRE_CURL")
    with Desk(tmp_path) as desk:
        yield desk


def test_typed_from_top_to_bottom_everything_works_and_answers_as_shown(desk: Desk) -> None:
    typist = desk.typist
    for block in GUIDE.blocks:
        if block.language == "sh":
            if "ep_…" in block.text and "ep" not in typist.known:
                typist.asks("/v1/webhook-endpoints")
            typist.types(block.text)
        elif block.language == "json":
            shown = json.loads(block.text)
            # What the app hears is not printed anywhere: it came to its endpoint.
            real = desk.endpoint.told(shown["type"]) if "type" in shown else typist.answers[-1]
            assert lacks(shown, real) == [], real
        elif block.language == "text":
            wait_for(partial(_is_told, typist, block.text))
    assert desk.endpoint.told("subscription.suspended")["data"]["access"] is False
    assert desk.endpoint.told("endpoint.test")
    replayed = typist.answers[-1]["data"]
    assert [one["position"] for one in replayed][:3] == [1, 2, 3]
    assert "subscription.activated" in [one["type"] for one in replayed]


def _is_told(typist: Typist, shown: str) -> bool:
    """Deliveries are under way while the timeline is read."""
    typist.asks("/v1/test/subscriptions/sub_…/timeline?format=text")
    told = {masked(line) for line in typist.answers[-1].splitlines()}
    return {masked(line) for line in shown.splitlines()} <= told

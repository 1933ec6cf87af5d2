"""Caddy in front of two processes: both are asked, and while one is dead the other answers."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tests.cli.commands import Operator
from tests.deploy.caddy import caddy
from tests.guide.processes import own_address
from tests.hearing import free_port
from tests.test_docs import section, text_of

ASKED = 40
"""Caddy draws for each: that a tenth or less of them falls to one is one in five million."""


@contextmanager
def answering(port: int) -> Iterator[None]:
    """Each answer tells the port."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = str(port).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", port), Answers) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def test_both_are_asked_and_the_other_answers_for_one_that_is_dead(tmp_path: Path) -> None:
    first, second = free_port(), free_port()
    with caddy(tmp_path, first, second) as front, answering(first):

        def asks() -> Counter[int]:
            answers = [front.ask("GET", "/") for _ in range(ASKED)]
            assert {one.status for one in answers} == {200}
            return Counter(int(one.body) for one in answers)

        with answering(second):
            shares = asks()
            assert shares.keys() == {first, second}
            assert min(shares.values()) > ASKED / 10
        assert asks() == {first: ASKED}


def test_the_lines_for_several_machines_lead_to_services_that_are_not_on_the_proxys(
    tmp_path: Path,
) -> None:
    """As they are typed, but for the addresses: each service answers plain http to what looks
    whether it is well, and the other is asked when it is gone."""
    page = section(text_of("docs/operations.md"), "## Several processes")
    told = re.search(r"^    reverse_proxy .*?^    \}$", page, re.DOTALL | re.MULTILINE)
    assert told is not None
    address = own_address()
    with ExitStack() as running:
        served = []
        for name in ("first", "second"):
            folder = tmp_path / name
            folder.mkdir()
            operator = Operator(
                folder, base_url="https://bayar.example.com", host=address, trusted_proxies=address
            )
            served.append(running.enter_context(operator.serving()))
        upstreams = " ".join(one.origin.removeprefix("http://") for one in served)
        block = told[0].replace("10.0.0.11:5005 10.0.0.12:5005", upstreams)
        assert address in block
        front = running.enter_context(caddy(tmp_path, proxied=block))
        assert front.ask("GET", "/v1/plans").status == 401
        served[0].process.kill()
        assert front.ask("GET", "/v1/plans").status == 401

"""Caddy in front of two processes: both are asked, and while one is dead the other answers."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tests.deploy.caddy import caddy
from tests.guide.processes import free_port

ASKED = 24


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

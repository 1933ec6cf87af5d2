"""The Caddyfile: sound, and in front of a real service it lets in what should come in."""

import http.client
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest

from payment_service.kit.clock import monotonic
from payment_service.web.limits import BODY_BYTES
from payment_service.web.problems import problem
from tests.deploy.caddy import CADDYFILE, caddy, program
from tests.deploy.conftest import House

TOO_LARGE = problem(413, "body_too_large", f"Send at most {BODY_BYTES // 1024} KiB.")


def test_caddy_finds_it_valid_and_well_formed() -> None:
    file = str(CADDYFILE)
    for words in (["validate", "--config", file], ["fmt", file]):
        done = subprocess.run([program(), *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert done.stdout == CADDYFILE.read_text()


def test_an_app_subscribes_and_its_tenant_opens_the_pay_page(house: House) -> None:
    made = house.subscribes("tenant-1")
    assert made.status == 201
    link = made.json["pay_url"]
    assert link.startswith(f"{house.front.origin}/pay/")
    page = house.front.ask("GET", urlsplit(link).path)
    assert page.status == 200
    assert b"Rp99.000" in page.body


def test_every_answer_is_for_https_only_and_says_nothing_of_its_server(house: House) -> None:
    for path in ("/healthz/live", "/v1/plans", "/dashboard/", "/nowhere"):
        answer = house.front.ask("GET", path)
        assert answer.headers.get_all("strict-transport-security") == [
            "max-age=63072000; includeSubDomains"
        ]
        assert answer.headers.get_all("x-content-type-options") == ["nosniff"]
        assert answer.headers.get_all("server") is None


def test_who_comes_by_plain_http_is_sent_to_https(house: House) -> None:
    plain = http.client.HTTPConnection("localhost", house.front.plain_port, timeout=10)
    with closing(plain) as connection:
        connection.request("GET", "/pay/x")
        answer = connection.getresponse()
        assert answer.status == 308
        assert answer.headers["location"] == "https://localhost/pay/x"


def test_a_forged_address_is_not_believed(house: House) -> None:
    bad = f"{house.key[:-1]}{'0' if house.key[-1] != '0' else '1'}"
    forged = {"X_Forwarded_For": "203.0.113.9", "X_Forwarded_Proto": "http"}
    answer = house.front.ask("GET", "/v1/plans", key=bad, **forged)
    assert answer.status == 401
    [line] = [line for line in house.log().splitlines() if "key_refused" in line]
    assert "127.0.0.1" in line
    assert "203.0.113.9" not in line


@pytest.mark.parametrize("kib", [70, 1000])
def test_a_body_that_is_too_large_is_refused(kib: int, house: House) -> None:
    answer = house.front.ask("POST", "/v1/plans", b"x" * (kib * 1024), house.key)
    assert answer.status == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json == msgspec.json.decode(TOO_LARGE.body)


def test_no_pay_link_is_in_its_log(tmp_path: Path) -> None:
    """It logs what failed: here a service that hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as door, ThreadPoolExecutor(1) as threads:
        threads.submit(lambda: door.accept()[0].close())
        with caddy(tmp_path, door.getsockname()[1]) as front:
            assert front.ask("POST", "/pay/rahasia/check?lang=id", b"").status == 502
            said = front.log.read_text()
    assert "/pay/…/check" in said
    assert "rahasia" not in said


def test_the_pay_page_hears_at_once(house: House) -> None:
    """A stream is passed on as it comes, not when it ends."""
    link = house.subscribes("tenant-2").json["pay_url"]
    with closing(house.front.connection()) as connection:
        began = monotonic()
        accepted = {"Accept": "text/event-stream"}
        connection.request("GET", f"{urlsplit(link).path}/status", headers=accepted)
        answer = connection.getresponse()
        assert answer.readline().strip()
        assert monotonic() - began < 5


def test_what_is_asked_while_the_service_restarts_waits_for_it(house: House) -> None:
    """Reads and writes; and each write is done once."""
    assert house.stop() == 0
    with ThreadPoolExecutor(2) as threads:
        asked = [
            threads.submit(house.front.ask, "GET", "/v1/plans", key=house.key),
            threads.submit(house.subscribes, "tenant-3"),
        ]
        time.sleep(0.5)
        assert not any(one.done() for one in asked)
        house.start()
        assert [one.result(60).status for one in asked] == [200, 201]
    found = house.front.ask("GET", "/v1/customers?reference=tenant-3", key=house.key)
    assert len(found.json["data"]) == 1

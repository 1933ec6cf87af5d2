"""The notice door takes whatever bytes come: 4xx or a harmless 200, and nothing is stored beyond
what is counted."""

import asyncio
import gzip
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from sqlalchemy import select
from structlog.testing import capture_logs

from payment_service.actions.tally_notices import KEPT_A_DAY
from payment_service.kit.errors import Invalid
from payment_service.migrations.upgrade import connected
from payment_service.model.app import apps
from payment_service.model.notice import notices
from payment_service.web.notices import read_notice
from tests.invariants import row_counts, rows
from tests.story import App

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.text(max_size=300)
    | st.sampled_from(["\0", "chg_1", "completed", "true", "", "x" * 201, "😀" * 200, "\u2028"])
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)
names = st.sampled_from(["order_id", "txn_id", "status", "is_sandbox", "amount", "completed_at"])
notices_of_any_kind = st.dictionaries(names, values)
encodings = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "latin-1"])


def written(content: object) -> str:
    return msgspec.json.encode(content).decode()


@st.composite
def encoded(draw: st.DrawFn) -> bytes:
    """A notice with fields of any type, in any encoding, perhaps twice, packed or cut short."""
    text = written(draw(notices_of_any_kind))
    if draw(st.booleans()):
        text = text[:-1] + "," + written(draw(notices_of_any_kind))[1:]
    body = text.encode(draw(encodings), errors="replace")
    if draw(st.booleans()):
        body = body[: draw(st.integers(0, len(body)))]
    packed = draw(st.sampled_from(["", "", "gzip", "form"]))
    if packed == "gzip":
        return gzip.compress(body)
    return b"payload=" + body if packed == "form" else body


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A sound notice with some bytes put into it."""
    body = (
        b'{"order_id":"chg_1","txn_id":"t","status":"completed","is_sandbox":true,"amount":99000}'
    )
    place = draw(st.integers(0, len(body)))
    odd = draw(
        st.binary(max_size=6) | st.sampled_from([b"\0", b"\\ud800", b"\\u0000", b"\xed\xa0"])
    )
    return body[:place] + odd + body[place + draw(st.integers(0, 3)) :]


def around(inner: bytes) -> bytes:
    return b'{"order_id":"chg_1","x":' + inner + b"}"


BROKEN = [
    b"",
    b"\0",
    b"null",
    b"[]",
    b"{" * 8_000,
    b"[" * 8_191,
    around(b"[" * 8_000),
    b'{"order_id":' + b'{"order_id":' * 600,
    b'{"order_id":' + b"9" * 8_000 + b"}",
    b'{"order_id":' + b"9" * 4_301 + b"}",
    b'{"order_id":' + b"9" * 4_299 + b"}",
    b'{"order_id":' + b"9" * 201 + b"}",
    b'{"order_id":-' + b"9" * 4_300 + b"}",
    b'{"order_id":"a","txn_id":' + b"1" * 4_000 + b"}",
    b'{"order_id":1e400}',
    b'{"order_id":"\\ud800"}',
    b'{"order_id":"\\udfff\\ud800"}',
    b'{"order_id":"\xed\xa0\x80"}',
    b'{"order_id":"\xc0\x80"}',
    b'{"order_id":"\xf4\x90\x80\x80"}',
    b'{"order_id":"a","order_id":7.5}',
    b'{"order_id":"a","order_id":"\\u0000"}',
    b'{"order_id":"' + b"x" * 8_192 + b'"}',
    b"x" * 65_537,
    b"x" * 1_000_000,
]
NESTED = [
    around(b"[" * 4_000 + b"]" * 4_000),
    around(b'{"a":' * 1_300 + b"1" + b"}" * 1_300),
    b'{"order_id":"chg_1","is_sandbox":' + b"[" * 4_000 + b"]" * 4_000 + b"}",
    b'{"order_id":"chg_1","status":' + b"[" * 4_000 + b"]" * 4_000 + b"}",
]
"""Whole, and how deep they may be is Python's to say: 3.13 reads what 3.11 does not."""
HARMLESS = [
    around(b"1e999"),
    around(b"[" * 500 + b"]" * 500),
    around(b'"\xff\xfe"'),
    b'{"order_id":"a","\xff":1}',
    b'{"order_id":"a","status":"\xff","is_sandbox":"\xff"}',
    b'{"order_id":"a","status":{"completed":[]},"is_sandbox":1e999}',
    b'{"order_id":"a","order_id":"b","order_id":"c"}',
    b'{"order_id":18446744073709551616}',
    b'{"order_id":"","txn_id":""}',
    b'{"order_id":"' + "😀".encode() * 200 + b'"}',
    b'{"order_id":"a","x":"' + b"\\u0000" * 1_300 + b'"}',
    b' \r\n\t{"order_id":"a"} \n',
]


class Faults(logging.Handler):
    """What the server below us logged as a fault. A request that is none it calls a warning."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[Any] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(record.getMessage())


@contextmanager
def no_fault_is_logged() -> Iterator[None]:
    handler = Faults()
    logging.getLogger().addHandler(handler)
    try:
        with capture_logs() as lines:
            yield
    finally:
        logging.getLogger().removeHandler(handler)
    assert handler.found == []
    assert [line for line in lines if line["log_level"] == "error" or "exc_info" in line] == []


def unknown_so_far(database_url: str) -> int:
    return sum(unknown for (unknown,) in rows(database_url, "SELECT unknown FROM notice_tallies"))


@pytest.fixture
def door(app: App, database_url: str) -> App:
    """One that asks for no secret, as a door of version 1."""
    with connected(database_url) as connection:
        connection.execute(apps.update().values(gateway_version="v1"))
        connection.commit()
    return app


async def posts(door: App, body: bytes) -> int:
    """The status of the answer."""
    return (await door.service.ask("POST", door.notice_path, data=body)).status


async def check_body(door: App, database_url: str, body: bytes) -> int:
    """The status. Whatever comes, nothing goes wrong, and only counts and counted rows change."""
    before, unknown = row_counts(database_url), unknown_so_far(database_url)
    with no_fault_is_logged():
        status = await posts(door, body)
        await door.service.rest()
    assert status == 200 or 400 <= status < 500
    grown = unknown + (status == 200)
    assert unknown_so_far(database_url) == grown
    after = {"unknown_notices": min(grown, KEPT_A_DAY), "notice_tallies": int(grown > 0)}
    assert row_counts(database_url) == before | after
    return status


@pytest.mark.timeout(900)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    body=st.binary(max_size=9_000)
    | encoded()
    | damaged()
    | notices_of_any_kind.map(lambda notice: written(notice).encode())
)
@example(body=around(b"[" * 4_000 + b"]" * 4_000))
async def test_whatever_comes_is_refused_or_counted(
    door: App, database_url: str, body: bytes
) -> None:
    await check_body(door, database_url, body)


async def test_what_names_no_order_is_refused(door: App, database_url: str) -> None:
    for body in BROKEN:
        assert await check_body(door, database_url, body) in (413, 422), body[:60]


async def test_what_is_nested_deep_is_refused_or_harmless(door: App, database_url: str) -> None:
    for body in NESTED:
        assert await check_body(door, database_url, body) in (200, 422), body[:60]


async def test_what_is_odd_beside_the_order_does_no_harm(door: App, database_url: str) -> None:
    for body in HARMLESS:
        assert await check_body(door, database_url, body) == 200, body[:60]


async def test_what_is_odd_about_a_known_order_is_kept(door: App, database_url: str) -> None:
    made = (await door.subscribes("tenant-1", "bulanan")).json
    asked = await door.asks("POST", f"/v1/invoices/{made['open_invoice']['id']}/qris")
    order_id = asked.json["charge_id"].encode()
    oddities = (
        b'"is_sandbox":[[1]]',
        b'"status":"\xff\\u0000"',
        b'"x":1e999',
        b'"\\u0000":"\\u0000"',
    )
    for oddity in oddities:
        with no_fault_is_logged():
            assert await posts(door, b'{"order_id":"' + order_id + b'",' + oddity + b"}") == 200
            await door.service.rest()
    with connected(database_url) as connection:
        assert list(connection.scalars(select(notices.c.times))) == [len(oddities)]


async def speaks(door: App, *pieces: bytes) -> bytes:
    """What the server answers to these bytes on a connection that is closed after them."""
    host, port = door.service.origin.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    answer = b""
    with suppress(OSError):  # the server may have hung up first
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.02)
        writer.write_eof()
    with suppress(OSError):
        async with asyncio.timeout(30):
            answer = await reader.read()
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return answer


RAW = [
    (b"Content-Length: 100", b'{"order_id":'),
    (b"Content-Length: 5", b'{"order_id":"a"}'),
    (b"Content-Length: -1", b"{}"),
    (b"Content-Length: " + b"9" * 5_000, b"{}"),
    (b"Content-Length: 2\r\nContent-Length: 200", b"{}"),
    (b"Transfer-Encoding: chunked", b"zz\r\n{}\r\n"),
    (b"Transfer-Encoding: chunked", b"ffffffffffffffffff\r\n{}\r\n"),
    (b"Transfer-Encoding: chunked", b"2\r\n{}"),
    (b"Content-Length: 2\r\nX-Secret: \xff\xfe\x80", b"{}"),
    (b"Content-Length: 2\r\nContent-Encoding: gzip", b"{}"),
    (b"Content-Length: 2\r\nExpect: 100-continue", b"{}"),
]


@pytest.mark.parametrize(("header", "body"), RAW, ids=range(len(RAW)))
async def test_a_request_that_breaks_off_or_lies_does_no_harm(
    app: App, database_url: str, header: bytes, body: bytes
) -> None:
    before = row_counts(database_url)
    start = f"POST {app.notice_path} HTTP/1.1\r\nHost: localhost\r\n".encode()
    with no_fault_is_logged():
        answer = await speaks(app, start + header + b"\r\n\r\n", body)
        await asyncio.sleep(0.05)
        await app.service.rest()
    assert not answer.startswith((b"HTTP/1.1 2", b"HTTP/1.1 5")), answer[:80]
    assert row_counts(database_url) == before
    assert (await app.service.ask("GET", "/healthz/live")).status == 200


def test_only_the_literal_true_says_sandbox() -> None:
    said = {
        b"true": True, b" true ": True, b"false": False, b"null": None, b"1": None, b'"true"': None,
        b"[true]": None, b"{}": None, b"1e999": None,
    }  # fmt: skip
    for text, wanted in said.items():
        named = read_notice(b'{"order_id":"a","is_sandbox":' + text + b"}")
        assert named.says_sandbox is wanted, text
    assert read_notice(b'{"order_id":"a"}').says_sandbox is None


def test_a_status_is_a_text_or_none() -> None:
    said = {b'"completed"': "completed", b'"co\\u006dpleted"': "completed", b'""': "", b"7": None}
    for text, wanted in {**said, b'"\xff"': None, b"null": None, b'["completed"]': None}.items():
        assert read_notice(b'{"order_id":"a","status":' + text + b"}").status == wanted, text


def test_the_last_of_two_equal_names_counts() -> None:
    assert read_notice(b'{"order_id":"a","order_id":"b"}').order_id == "b"
    with pytest.raises(Invalid):
        read_notice(b'{"order_id":"a","order_id":null}')

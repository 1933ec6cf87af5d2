"""When the Python client asks again, when it does not, and how long it is patient."""

from typing import Any

import pytest
from aiohttp import web

from payment_service_client import (
    Conflict,
    Invalid,
    Patience,
    TooManyRequests,
    Unavailable,
    UnexpectedAnswer,
    Unreachable,
)
from tests.clients.between import Script, listening, refused
from tests.clients.conftest import Face

KEY = "psk_test_" + "a" * 38
QUICK = Patience(total_seconds=20, first_wait=0.01)
CUSTOMER: dict[str, Any] = {
    "id": "cus_1",
    "reference": "tenant-42",
    "name": None,
    "email": None,
    "phone": None,
    "metadata": {},
    "forgotten": False,
    "created_at": "2026-01-31T03:00:00Z",
    "invented_later": [1],
}


def found() -> web.Response:
    return web.json_response(CUSTOMER, headers={"Request-Id": "r1"})


@pytest.mark.parametrize(
    "passing",
    [
        refused(429, "too_many_requests"),
        refused(503, "database_busy"),
        refused(409, "idempotency_key_in_use"),
        web.Response(status=502, body=b"<html>Bad Gateway</html>"),
    ],
    ids=["429", "503", "in use", "502"],
)
async def test_what_passes_is_asked_again_under_the_same_key(
    face: Face, passing: web.Response
) -> None:
    script = Script([passing, passing, found()])
    async with listening(script) as origin:
        client = face.client(KEY, origin, patience=QUICK)
        customer = await face.asks(client, lambda c: c.customers.create(reference="tenant-42"))
    assert customer.id == "cus_1"
    assert len(script.asked) == 3
    assert len({(one.key, one.body) for one in script.asked}) == 1
    assert script.asked[0].key


async def test_it_waits_as_long_as_it_is_told(face: Face) -> None:
    script = Script([refused(429, "too_many_requests", Retry_After="1"), found()])
    async with listening(script) as origin:
        client = face.client(KEY, origin, patience=QUICK)
        await face.asks(client, lambda c: c.customers.get("cus_1"))
    first, second = script.asked
    assert 1.0 <= second.at - first.at < 9
    assert first.key is None  # a read needs none


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refused(422, "invalid_request"), Invalid),
        (refused(409, "already_subscribed"), Conflict),
        (refused(503, "database_busy", Retry_After="60"), Unavailable),
        (refused(429, "too_many_requests", Retry_After="3600"), TooManyRequests),
        (web.Response(status=500, body=b"oops"), UnexpectedAnswer),
        (web.Response(status=200, body=b"<html>"), UnexpectedAnswer),
        (web.Response(status=200, body=b"[" * 100_000), UnexpectedAnswer),
        (web.Response(status=302, headers={"Location": "https://example.com/"}), UnexpectedAnswer),
    ],
    ids=["422", "409", "503 too long", "429 too long", "500", "no json", "deep", "redirect"],
)
async def test_what_stays_is_told_at_once(
    face: Face, answer: web.Response, kind: type[Exception]
) -> None:
    script = Script([answer])
    async with listening(script) as origin:
        client = face.client(KEY, origin, patience=QUICK)
        with pytest.raises(kind):
            await face.asks(client, lambda c: c.customers.create(reference="tenant-42"))
    assert len(script.asked) == 1


async def test_attempts_are_counted(face: Face) -> None:
    script = Script([refused(503, "database_busy")])
    patience = Patience(attempts=3, first_wait=0.01)
    async with listening(script) as origin:
        client = face.client(KEY, origin, patience=patience)
        with pytest.raises(Unavailable):
            await face.asks(client, lambda c: c.customers.get("cus_1"))
    assert len(script.asked) == 3


async def test_a_slow_answer_is_given_up_in_time_and_may_have_happened(face: Face) -> None:
    script = Script([5.0])
    patience = Patience(total_seconds=1, attempt_seconds=0.3, first_wait=0.01)
    async with listening(script) as origin:
        client = face.client(KEY, origin, patience=patience)
        with pytest.raises(Unreachable) as gone:
            await face.asks(client, lambda c: c.customers.create(reference="tenant-42"))
    assert gone.value.may_have_happened
    assert 1 < len(script.asked) < 5
    assert len({one.key for one in script.asked}) == 1


async def test_an_answer_drop_by_drop_has_an_end(face: Face) -> None:
    script = Script([b" "])
    patience = Patience(total_seconds=1, attempt_seconds=0.4, attempts=1)
    async with listening(script) as origin:
        client = face.client(KEY, origin, patience=patience)
        with pytest.raises(Unreachable):
            await face.asks(client, lambda c: c.customers.get("cus_1"))


async def test_where_nobody_listens_nothing_has_happened(face: Face) -> None:
    async with listening(Script([found()])) as origin:
        pass
    client = face.client(KEY, origin, patience=Patience(attempts=2, first_wait=0.01))
    with pytest.raises(Unreachable) as gone:
        await face.asks(client, lambda c: c.customers.create(reference="tenant-42"))
    assert not gone.value.may_have_happened
    assert KEY not in str(gone.value)
    assert gone.value.__cause__ is None

"""When the Python client asks again, when it does not, and how long it is patient."""

import asyncio
import time
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
    Unsure,
)
from tests.clients.between import Script, listening, refused
from tests.clients.conftest import Face
from tests.hearing import refusing

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
        refused(503, "took_too_long", Retry_After="0"),
        refused(500, "internal_error"),
        web.Response(status=500, body=b"oops"),
        web.Response(status=502, body=b"<html>Bad Gateway</html>"),
    ],
    ids=["429", "503", "in use", "too long", "500", "500 of another", "502"],
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
        (web.Response(status=200, body=b"<html>"), UnexpectedAnswer),
        (web.Response(status=200, body=b"[" * 100_000), UnexpectedAnswer),
        (web.Response(status=302, headers={"Location": "https://example.com/"}), UnexpectedAnswer),
    ],
    ids=["422", "409", "503 too long", "429 too long", "no json", "deep", "redirect"],
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


@pytest.mark.parametrize(
    "answers",
    [
        [refused(500, "internal_error")],
        [refused(503, "took_too_long")],
        [refused(409, "idempotency_key_in_use")],
        [web.Response(status=502, body=b"<html>Bad Gateway</html>")],
        [refused(500, "internal_error"), refused(503, "shutting_down")],
        [60.0, refused(429, "too_many_requests")],
    ],
    ids=["500", "too long", "in use", "502", "500, then 503", "silence, then 429"],
)
async def test_what_may_have_been_done_is_told_so_with_its_key(
    face: Face, answers: list[Any]
) -> None:
    script = Script(answers)
    is_silent = isinstance(answers[0], float)
    patience = Patience(attempts=3, attempt_seconds=2 if is_silent else 20, first_wait=0.01)
    async with listening(script) as origin:
        client = face.client(KEY, origin, patience=patience)
        with pytest.raises(Unsure, match="may have been done") as unsure:
            await face.asks(client, lambda c: c.customers.create(reference="tenant-42"))
        assert unsure.value.may_have_happened
        assert unsure.value.idempotency_key == script.asked[0].key
        # Under that key the caller repeats it.
        script.answers = [found()]
        key = unsure.value.idempotency_key
        await face.asks(
            client, lambda c: c.customers.create(reference="tenant-42", idempotency_key=key)
        )
    assert len({(one.key, one.body) for one in script.asked}) == 1


async def test_what_is_refused_after_a_fault_was_not_done(face: Face) -> None:
    """Under the same key it would have been replayed."""
    script = Script([refused(500, "internal_error"), refused(422, "invalid_request")])
    async with listening(script) as origin:
        client = face.client(KEY, origin, patience=QUICK)
        with pytest.raises(Invalid):
            await face.asks(client, lambda c: c.customers.create(reference="tenant-42"))


async def test_a_read_that_fails_is_told_without_a_key(face: Face) -> None:
    script = Script([refused(500, "internal_error")])
    async with listening(script) as origin:
        client = face.client(KEY, origin, patience=Patience(attempts=2, first_wait=0.01))
        with pytest.raises(Unsure) as unsure:
            await face.asks(client, lambda c: c.customers.get("cus_1"))
    assert (unsure.value.status, unsure.value.code) == (500, "internal_error")
    assert not unsure.value.may_have_happened


async def test_a_silence_before_a_refused_connection_may_have_been_heard(face: Face) -> None:
    script = Script([60.0])
    patience = Patience(attempts=3, first_wait=0.01)
    async with listening(script) as origin:
        client = face.client(KEY, origin, patience=patience)
        asking = asyncio.create_task(
            face.asks(client, lambda c: c.customers.create(reference="tenant-42"))
        )
        await script.is_asked.wait()
    with pytest.raises(Unreachable, match="ConnectError") as gone:
        await asking
    assert gone.value.may_have_happened
    assert gone.value.idempotency_key == script.asked[0].key


async def test_it_is_patient_for_as_long_as_it_says(face: Face) -> None:
    """Also where each attempt is refused at once."""
    patience = Patience(total_seconds=1.5, first_wait=0.05, longest_wait=0.4)
    with refusing() as port:
        client = face.client(KEY, f"http://127.0.0.1:{port}", patience=patience)
        began = time.monotonic()
        with pytest.raises(Unreachable):
            await face.asks(client, lambda c: c.customers.get("cus_1"))
    assert 1.3 < time.monotonic() - began < 5


@pytest.mark.parametrize("key", ["", " ", "a b", "a\n", "é", "x" * 256])
async def test_an_idempotency_key_that_is_none_is_refused(face: Face, key: str) -> None:
    client = face.client(KEY, "https://bayar.example.com")
    with pytest.raises(ValueError, match="idempotency key"):
        await face.asks(
            client, lambda c: c.customers.create(reference="tenant-42", idempotency_key=key)
        )


async def test_attempts_are_counted(face: Face) -> None:
    script = Script([refused(503, "database_busy")])
    patience = Patience(attempts=3, first_wait=0.01)
    async with listening(script) as origin:
        client = face.client(KEY, origin, patience=patience)
        with pytest.raises(Unavailable):
            await face.asks(client, lambda c: c.customers.get("cus_1"))
    assert len(script.asked) == 3


async def test_a_slow_answer_is_given_up_in_time_and_may_have_happened(face: Face) -> None:
    script = Script([60.0])
    patience = Patience(total_seconds=3, attempt_seconds=0.9, first_wait=0.01)
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
    patience = Patience(attempts=2, first_wait=0.01)
    with refusing() as port:
        client = face.client(KEY, f"http://127.0.0.1:{port}", patience=patience)
        with pytest.raises(Unreachable) as gone:
            await face.asks(client, lambda c: c.customers.create(reference="tenant-42"))
    assert not gone.value.may_have_happened
    assert KEY not in str(gone.value)
    assert gone.value.__cause__ is None

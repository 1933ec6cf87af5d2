"""The TypeScript client believes no webhook and no pass that the Python client refuses."""

import base64
from datetime import timedelta
from typing import Any

import msgspec

from tests.clients import test_python_passes as passes
from tests.clients import test_python_webhooks as webhooks
from tests.clients.node import Library

UNREADABLE = [
    b"", b"null", b"[]", b'{"type": 1}',
    b'{"type":"a","timestamp":"2026-01-31T03:00:00Z","data":[]}',
    b'{"type":"a","timestamp":"yesterday","data":{}}',
    b'{"type":"a","timestamp":"2026-01-31T03:00:00Z","data":{"a":' + b"[" * 90_000,
    b'{"type":"a","timestamp":"2026-01-31T03:00:00Z","data":{"a":'
    + b"[" * 10_000 + b"]" * 10_000 + b"}}",
]  # fmt: skip


def message(body: bytes, headers: dict[str, str], way: str = "message") -> dict[str, Any]:
    return {"body": base64.b64encode(body).decode(), "headers": headers, "as": way}


async def hears(library: Library, messages: list[dict[str, Any]], *secrets: str) -> list[str]:
    told = await library.does(
        "webhooks",
        messages=messages,
        secrets=list(secrets or (webhooks.SECRET,)),
        now=webhooks.NOW.isoformat(),
    )
    return [one.get("threw", "good") for one in told]


async def test_messages_are_taken_only_as_they_were_signed(library: Library) -> None:
    body, signed = webhooks.BODY, webhooks.signed
    good = [message(body, signed(), way) for way in ("message", "request")]
    assert await hears(library, good) == ["good", "good"]
    flipped = []
    for place in range(0, len(body), 9):
        changed = bytearray(body)
        changed[place] ^= 1
        flipped.append(message(bytes(changed), signed()))
    other = [
        {**signed(), "Webhook-Id": "evt_2"},
        {**signed(), "Webhook-Timestamp": "now"},
        {**signed(), "Webhook-Timestamp": "9" * 12},
        {**signed(), "Webhook-Timestamp": "1769828400.5"},
        {**signed(), "Webhook-Signature": ""},
        {**signed(), "Webhook-Signature": "v1"},
        {**signed(), "Webhook-Signature": "v1a,AAAA"},
        {**signed(), "Webhook-Signature": "v1,AAAA v1,BBBB"},
        {"Webhook-Id": "evt_1"},
        signed(body, webhooks.OTHER),
        *(signed(at=webhooks.NOW + timedelta(seconds=wrong)) for wrong in (-301, 301, 10**9)),
    ]
    wrong = [
        *flipped,
        *(message(body, headers) for headers in other),
        *(message(text, signed(text)) for text in UNREADABLE),
        message(b"\xff", signed()),
    ]
    assert await hears(library, wrong) == ["InvalidWebhook"] * len(wrong)


async def test_either_secret_fits_while_one_is_rolled(library: Library) -> None:
    both = [message(webhooks.BODY, webhooks.signed(webhooks.BODY, webhooks.OTHER, webhooks.SECRET))]
    for secrets in ((webhooks.SECRET,), (webhooks.OTHER,), (webhooks.OTHER, webhooks.SECRET)):
        assert await hears(library, both, *secrets) == ["good"]


def forged() -> list[str]:
    """Signed by the right key, and wrong; or not signed at all."""
    body = base64.urlsafe_b64encode(msgspec.json.encode(passes.claims())).rstrip(b"=").decode()
    tokens = [
        passes.raw(passes.HEADER, msgspec.json.encode(passes.claims(**changes)))
        for changes in passes.WRONG_CLAIMS
    ]
    tokens += [one for one in passes.JUNK if isinstance(one, str)]
    tokens += [token for _, token in passes.other_algorithms(body)]
    header, _, signature = passes.token().split(".")
    changed = passes.base64url(msgspec.json.encode(passes.claims(access_until="2036-02-28")))
    return [*tokens, f"{header}.{changed}.{signature}", passes.token(key=passes.OTHER)]


async def test_passes_are_believed_as_the_python_client_believes_them(library: Library) -> None:
    tokens = [passes.token(), *forged()]
    asked: dict[str, Any] = {
        "app": passes.APP,
        "issuer": passes.ISSUER,
        "keys": passes.key_set(pky_1=passes.PRIVATE).decode(),
    }
    told = await library.does("passes", tokens=tokens, now=passes.NOW.isoformat(), **asked)
    assert told[0]["gave"] == {
        "issuer": passes.ISSUER,
        "app": passes.APP,
        "reference": "tenant-42",
        "subscription": "sub_1",
        "plan": "bulanan",
        "features": {"kasir": 3},
        "access": True,
        "accessUntil": "2026-02-28",
        "seq": 2,
        "issuedAt": "2026-01-31T03:00:00.000Z",
        "expiresAt": "2026-01-31T04:00:00.000Z",
    }
    assert [one["threw"] for one in told[1:]] == ["InvalidPass"] * len(forged())
    later = (passes.NOW + timedelta(seconds=3660)).isoformat()
    strange = [passes.token(), passes.token(kid="pky_2")]
    told = await library.does("passes", tokens=strange, now=later, **asked)
    assert [one["threw"] for one in told] == ["ExpiredPass", "UnknownKey"]
    told = await library.does("withoutEd25519", tokens=tokens[:1], now=later, **asked)
    assert told[0]["threw"] == "PaymentServiceError"
    assert "Ed25519" in told[0]["message"]


async def test_keys_are_looked_at_as_the_python_client_does(library: Library) -> None:
    start = passes.NOW

    def step(kid: str = "pky_1", **after: float) -> dict[str, Any]:
        now = start + timedelta(**after)
        key = passes.PRIVATE if kid == "pky_1" else passes.OTHER
        return {"now": now.isoformat(), "token": passes.good(now, key, kid)}

    def answer(status: int, text: bytes) -> dict[str, Any]:
        return {"answer": {"status": status, "text": text.decode()}}

    first = passes.key_set(pky_1=passes.PRIVATE)
    second = passes.key_set(pky_1=passes.PRIVATE, pky_2=passes.OTHER)
    third = passes.key_set(pky_2=passes.OTHER)
    steps = [
        step() | answer(200, first),
        step(seconds=10),
        step("pky_2", seconds=20) | answer(200, second),
        step("pky_2", seconds=31),
        step("pky_3", seconds=32),
        step(minutes=59),
        step(minutes=62) | answer(500, b"oops"),
        step(minutes=63) | answer(200, b"<html>"),
        step(minutes=64) | answer(200, b'{"keys":[]}'),
        step(hours=70) | {"answer": None},
        step(hours=73),
        step(hours=74) | answer(200, third),
        step("pky_2", hours=74, seconds=1),
    ]
    assert await library.does("keys", app=passes.APP, issuer=passes.ISSUER, steps=steps) == [
        ["good", 1],
        ["good", 1],
        ["UnknownKey", 1],
        ["good", 2],
        ["UnknownKey", 2],
        ["good", 2],
        ["good", 3],
        ["good", 4],
        ["good", 5],
        ["good", 6],
        ["UnknownKey", 7],
        ["UnknownKey", 8],
        ["good", 8],
    ]

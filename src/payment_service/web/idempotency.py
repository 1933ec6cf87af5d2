"""Answering a POST once: the same Idempotency-Key gives the same bytes and changes nothing."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import msgspec
from fastapi import Header
from starlette.requests import Request
from starlette.responses import Response

from payment_service.kit.crypto import digest
from payment_service.kit.errors import Invalid
from payment_service.kit.statements import Duplicate, Transaction
from payment_service.model.answer import once
from payment_service.web.access import Access

IdempotencyKey = Annotated[
    str | None,
    Header(description="Repeat a request with the same key to get the same answer, once done."),
]
T = TypeVar("T")
Work = Callable[[Transaction], tuple[int, bytes]]


async def answer_once(access: Access, request: Request, key: str | None, work: Work) -> Response:
    """Run the work in one transaction together with the key's claim; give status and JSON body."""
    db = access.runtime.db
    if key is None:
        status, body = await _twice(lambda: db.write(work))
        return json_answer(body, status)
    key = _checked(key)
    print_ = await _fingerprint(request)
    now = access.runtime.clock.now()
    status, body, replayed = await _twice(
        lambda: db.write(once, access.app.id, key, print_, now, work)
    )
    return json_answer(body, status, replayed=replayed)


async def _twice(write: Callable[[], Awaitable[T]]) -> T:
    """Another request may add the same thing at the same time; the second look finds it."""
    try:
        return await write()
    except Duplicate:
        return await write()


def json_answer(body: bytes, status: int = 200, *, replayed: bool = False) -> Response:
    headers = {"Idempotent-Replayed": "true"} if replayed else None
    return Response(body, status, headers=headers, media_type="application/json")


def _checked(key: str) -> str:
    if len(key) >= 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
        raise Invalid("idempotency_key", "An Idempotency-Key is 1 to 255 visible ASCII characters.")
    return key


async def _fingerprint(request: Request) -> str:
    """A hash of what is asked, whatever the spelling of its JSON."""
    content = msgspec.json.decode(await request.body() or b"null")
    canonical = msgspec.json.encode(content, order="deterministic").decode()
    return digest(f"{request.method} {request.url.path}\n{canonical}")

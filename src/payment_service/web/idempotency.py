"""Answering a write once: the same Idempotency-Key gives the same bytes and changes nothing."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, TypeVar

import msgspec
from fastapi import Header
from starlette.requests import Request
from starlette.responses import Response

from payment_service.kit.crypto import digest
from payment_service.kit.errors import Invalid
from payment_service.kit.statements import Duplicate, Transaction
from payment_service.model.answer import (
    Asked,
    Box,
    Given,
    begin,
    give_up,
    in_use,
    once,
    remember,
)
from payment_service.web.access import Access

IdempotencyKey = Annotated[
    str | None,
    Header(description="Repeat a request with the same key to get the same answer, once done."),
]
T = TypeVar("T")
VISIBLE = re.compile(r"[!-~]{1,255}")
Work = Callable[[Transaction], tuple[int, bytes]]


async def answer_once(
    access: Access, request: Request, key: str | None, work: Work, *, holds_secret: bool = False
) -> Response:
    """Run the work in one transaction together with the key's claim; give status and JSON body.

    An answer that holds a secret is kept sealed.
    """
    db = access.runtime.db
    if key is None:
        return json_answer(*_swapped(await _twice(lambda: db.write(work))))
    asked, box = await _asked(access, request, key), _box(access, holds_secret)
    with _alone(request, asked):
        given = await _twice(lambda: db.write(once, asked, box, work))
    return _response(given)


async def answer_after(
    access: Access,
    request: Request,
    key: str | None,
    deed: Callable[[], Awaitable[tuple[int, bytes]]],
) -> Response:
    """The same around a deed of several transactions, with calls to other machines between them.

    The deed must find what an earlier try of it has done: when the process dies within it, the
    next request under this key does it again.
    """
    db = access.runtime.db
    if key is None:
        return json_answer(*_swapped(await deed()))
    asked = await _asked(access, request, key)
    with _alone(request, asked):
        given = await db.write(begin, asked, None)
        if given is None:
            try:
                given = Given(*await deed())
            except (Exception, asyncio.CancelledError):
                await db.write(give_up, asked)
                raise
            await db.write(remember, asked, given, None)
    return _response(given)


async def _twice(write: Callable[[], Awaitable[T]]) -> T:
    """Another request may add the same thing at the same time; the second look finds it."""
    try:
        return await write()
    except Duplicate:
        return await write()


@contextmanager
def _alone(request: Request, asked: Asked) -> Iterator[None]:
    """Nobody else in this process is at a request under this key."""
    answering: set[tuple[str, str]] = request.app.state.answering
    mine = asked.app_id, asked.key
    if mine in answering:
        raise in_use()
    answering.add(mine)
    try:
        yield
    finally:
        answering.discard(mine)


def json_answer(body: bytes, status: int = 200, *, replayed: bool = False) -> Response:
    headers = {"Idempotent-Replayed": "true"} if replayed else None
    # An answer without a body, as DELETE gives, has no type either.
    return Response(body, status, headers=headers, media_type="application/json" if body else None)


def _response(given: Given) -> Response:
    return json_answer(given.body, given.status, replayed=given.is_replay)


def _swapped(answer: tuple[int, bytes]) -> tuple[bytes, int]:
    return answer[1], answer[0]


def _box(access: Access, holds_secret: bool) -> Box | None:
    secrets = access.runtime.secrets
    return Box(secrets.seal, secrets.open) if holds_secret else None


async def _asked(access: Access, request: Request, key: str) -> Asked:
    if len(key) >= 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    is_one = len(request.headers.getlist("idempotency-key")) == 1
    if not is_one or not VISIBLE.fullmatch(key):
        raise Invalid(
            "idempotency_key", "Send one Idempotency-Key of 1 to 255 visible ASCII characters."
        )
    return Asked(access.app.id, key, await _fingerprint(request), access.runtime.clock.now())


async def _fingerprint(request: Request) -> str:
    """A hash of what is asked, whatever the spelling of its JSON."""
    content = msgspec.json.decode(await request.body() or b"null")
    canonical = msgspec.json.encode(content, order="deterministic").decode()
    return digest(f"{request.method} {request.url.path}\n{canonical}")

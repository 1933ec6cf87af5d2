"""`/v1/openapi.json`: the document that describes the API, built when it is first asked for."""

import asyncio
from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from payment_service.web.reference.document import document
from payment_service.web.reference.schemas import Schema


class Kept(msgspec.Struct, frozen=True):
    """An answer that stays the same while the process runs."""

    body: bytes
    headers: dict[str, str]

    def answer(self, request: Request) -> Response:
        """304 to who has it already."""
        if self.headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=self.headers)
        return Response(self.body, headers=self.headers)


def kept(body: bytes, headers: dict[str, str]) -> Kept:
    tag = f'"{sha256(body).hexdigest()[:16]}"'
    return Kept(body, {**headers, "ETag": tag, "Cache-Control": "no-cache"})


class Reference:
    """What is told of these routes. Only bytes are kept: the document takes a megabyte."""

    def __init__(self, routes: Sequence[BaseRoute], origin: str) -> None:
        self._routes = routes
        self._origin = origin

    def build(self) -> Schema:
        return document(self._routes, self._origin)

    @cached_property
    def openapi(self) -> Kept:
        headers = {"Content-Type": "application/json", "X-Content-Type-Options": "nosniff"}
        return kept(msgspec.json.encode(self.build()), headers)


async def openapi(request: Request) -> Response:
    reference: Reference = request.app.state.reference
    built = await asyncio.to_thread(lambda: reference.openapi)
    return built.answer(request)

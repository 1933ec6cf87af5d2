"""`/v1/openapi.json` and `/v1/docs`: what is told of the API, made when it is first asked for."""

import asyncio
from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from payment_service.kit.errors import NotFound
from payment_service.web.pages.render import page, page_headers
from payment_service.web.reference.document import document
from payment_service.web.reference.page_views import views_of
from payment_service.web.reference.schemas import Schema

DOCS = "/v1/docs"


class Kept(msgspec.Struct, frozen=True):
    """An answer that stays the same while the process runs."""

    body: bytes
    headers: dict[str, str]

    def answer(self, request: Request) -> Response:
        """304 to who has it already."""
        if self.headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=self.headers)
        return Response(self.body, headers=self.headers)


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
        return _kept(msgspec.json.encode(self.build()), headers)

    @cached_property
    def pages(self) -> dict[str, Kept]:
        """By the last part of their address."""
        return {
            view.slug: _kept(
                page(f"docs/{view.template}.html", "en", view=view),
                page_headers("en", indexed=True),
            )
            for view in views_of(self.build(), DOCS)
        }


async def openapi(request: Request) -> Response:
    reference: Reference = request.app.state.reference
    built = await asyncio.to_thread(lambda: reference.openapi)
    return built.answer(request)


async def docs(request: Request) -> Response:
    reference: Reference = request.app.state.reference
    pages = await asyncio.to_thread(lambda: reference.pages)
    slug = request.path_params.get("slug", "")
    if slug not in pages:
        raise NotFound("not_found", "There is nothing at this address.")
    return pages[slug].answer(request)


def _kept(body: bytes, headers: dict[str, str]) -> Kept:
    tag = f'"{sha256(body).hexdigest()[:16]}"'
    return Kept(body, {**headers, "ETag": tag, "Cache-Control": "no-cache"})

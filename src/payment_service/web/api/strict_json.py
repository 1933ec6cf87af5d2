"""Reading a body as JSON that can be kept: what the standard library lets through is refused."""

import json
import re
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""PostgreSQL's text takes none."""


class StrictRequest(Request):
    """No NaN, no lone surrogates, no NUL, no broken UTF-8, no nesting without end."""

    async def json(self) -> Any:
        body = await self.body()
        try:
            if NUL.search(body):
                raise ValueError("NUL")
            return msgspec.json.decode(body)
        except (ValueError, RecursionError) as error:
            raise json.JSONDecodeError("not JSON", "", 0) from error


class StrictRoute(APIRoute):
    """A route of the API whose body is read strictly."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            return await handle(StrictRequest(request.scope, request.receive))

        return strictly

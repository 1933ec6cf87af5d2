"""Reading a body as JSON that can be kept: what the standard library lets through is refused."""

import json
import re
from typing import Any

import msgspec
from starlette.requests import Request

NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""PostgreSQL's text takes none."""


class GivenTwice(json.JSONDecodeError):
    """A name that stands twice in one object: of the two values each reader takes another."""

    def __init__(self, field: str) -> None:
        super().__init__("given twice", "", 0)
        self.field = field


class StrictRequest(Request):
    """No NaN, no lone surrogate, no NUL, no broken UTF-8, no nesting without end, no name twice."""

    async def json(self) -> Any:
        body = await self.body()
        try:
            if NUL.search(body):
                raise ValueError("NUL")
            read = msgspec.json.decode(body)
            json.loads(body, object_pairs_hook=_named_once)
        except GivenTwice:
            raise
        except (ValueError, RecursionError) as error:
            raise json.JSONDecodeError("not JSON", "", 0) from error
        return read


def _named_once(pairs: list[tuple[str, Any]]) -> None:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            raise GivenTwice(name)
        seen.add(name)

"""A call of the API before it is sent: the one form in which both faces get it."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode
from uuid import uuid4

import msgspec

T_co = TypeVar("T_co", covariant=True)
Unset = msgspec.UnsetType
UNSET = msgspec.UNSET
"""Not sent; None is sent as null."""
Asked = str | int | bool | date | datetime | None


class Call(msgspec.Struct, Generic[T_co], frozen=True, kw_only=True):
    """`answer` is the type of what comes back, None for nothing. `waits` are the seconds for which
    the service itself may wait before it answers. An `endless` one outlives any patience: it is
    asked again for as long as the service is away.

    Every call may be sent again when no answer came: a read changes nothing, and whatever changes
    something has an idempotency key, under which it happens once.
    """

    method: str
    path: str
    answer: Any
    query: dict[str, str] = {}
    body: bytes | None = None
    idempotency_key: str | None = None
    waits: float = 0
    endless: bool = False

    @property
    def target(self) -> str:
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path

    @property
    def headers(self) -> dict[str, str]:
        told = {"Accept": "application/json"}
        if self.body is not None:
            told["Content-Type"] = "application/json"
        if self.idempotency_key is not None:
            told["Idempotency-Key"] = self.idempotency_key
        return told

    def after(self, place: str | int) -> "Call[T_co]":
        """The same list from there on."""
        return msgspec.structs.replace(self, query={**self.query, "after": str(place)})


def reads(path: str, answer: Any, *, waits: float = 0, **query: Asked) -> Call[Any]:
    asked = {name: _text(value) for name, value in query.items() if value is not None}
    return Call(method="GET", path=path, answer=answer, query=asked, waits=waits)


def writes(
    method: str,
    path: str,
    answer: Any,
    body: Mapping[str, Any] | None = None,
    *,
    idempotency_key: str | None = None,
    waits: float = 0,
) -> Call[Any]:
    """The key is made here where none is given, and stays the same however often it is sent."""
    return Call(
        method=method,
        path=path,
        answer=answer,
        body=None if body is None else encoded(body),
        idempotency_key=checked_key(str(uuid4()) if idempotency_key is None else idempotency_key),
        waits=waits,
    )


def encoded(body: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode({name: told for name, told in body.items() if told is not UNSET})


def place(*parts: str) -> str:
    """A path in which ids are whole segments."""
    for part in parts:
        if not part or part in (".", ".."):
            raise ValueError("an id is missing")
    return "/v1/" + "/".join(quote(part, safe="") for part in parts)


def checked_key(key: str) -> str:
    if not re.fullmatch(r"[\x21-\x7e]{1,255}", key):
        raise ValueError("an idempotency key is 1 to 255 visible ASCII characters without spaces")
    return key


def _text(value: str | int | bool | date | datetime) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)

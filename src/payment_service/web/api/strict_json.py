"""Reading a body as JSON that can be kept: what the standard library lets through is refused."""

import json
import math
import re
from collections.abc import Iterator
from typing import Any

import msgspec
from starlette.requests import Request

NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""PostgreSQL's text takes none."""
MOST_DIGITS = 4300
"""Python makes no number of more."""


class GivenTwice(json.JSONDecodeError):
    """A name that stands twice in one object: of the two values each reader takes another."""

    def __init__(self, field: str) -> None:
        super().__init__("given twice", "", 0)
        self.field = field


class Unkept(json.JSONDecodeError):
    """What is JSON and cannot be kept as it came; each field, and what is wrong with it."""

    def __init__(self, faults: list[dict[str, str]]) -> None:
        super().__init__("cannot be kept", "", 0)
        self.faults = faults


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
            raise _why(body) from error
        return read


def _named_once(pairs: list[tuple[str, Any]]) -> None:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            raise GivenTwice(name)
        seen.add(name)


def _why(body: bytes) -> json.JSONDecodeError:
    """What is wrong with a body that was not read."""
    try:
        read = json.loads(body.decode(), parse_constant=_is_none, parse_int=_whole)
        faults = [{"field": field[:100], "message": said} for field, said in _unkept(read, "")]
    except (ValueError, RecursionError):
        faults = []
    return Unkept(faults) if faults else json.JSONDecodeError("not JSON", "", 0)


def _is_none(name: str) -> None:
    raise ValueError(name)


def _whole(digits: str) -> float:
    return int(digits) if len(digits) <= MOST_DIGITS else math.inf


def _unkept(value: Any, field: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str) and (said := _unwritten(value)):
        yield field, said
    if isinstance(value, float) and math.isinf(value):
        yield field, "The number is too large"
    if isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _unkept(inner, _below(field, str(place)))
    if isinstance(value, dict):
        for name, inner in value.items():
            if said := _unwritten(name):
                yield field, f"A name in it: {said}"
            else:
                yield from _unkept(inner, _below(field, name))


def _unwritten(text: str) -> str:
    if "\0" in text:
        return "Holds a NUL"
    if any("\ud800" <= one <= "\udfff" for one in text):
        return "Holds half of a character, a lone surrogate"
    return ""


def _below(field: str, name: str) -> str:
    return f"{field}.{name}" if field else name

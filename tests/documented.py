"""Every answer of the API that a test gets is one that the document tells of."""

import re
from functools import cache
from typing import Any, NamedTuple

import msgspec
from starlette.applications import Starlette

from payment_service.web.reference.served import Reference

DOCUMENT: dict[str, Any] = {}
"""Made at the first answer: it takes a second, and who is only told what to do never asks."""


class Told(NamedTuple):
    """What the document says of one operation: by status, the codes that it can come with."""

    name: str
    path: re.Pattern[str]
    codes: dict[int, set[str]]


@cache
def operations() -> dict[str, list[Told]]:
    """By method."""
    told: dict[str, list[Told]] = {}
    for path, methods in DOCUMENT["paths"].items():
        pattern = re.compile(re.sub(r"\\?\{\w+\\?\}", "[^/]+", re.escape(path)))
        for method, operation in methods.items():
            codes = {
                int(status): codes_in(answer) for status, answer in operation["responses"].items()
            }
            told.setdefault(method.upper(), []).append(
                Told(operation["operationId"], pattern, codes)
            )
    return told


def learn(web: Starlette) -> None:
    """What is told, from the first service that is asked."""
    if not DOCUMENT:
        reference: Reference = web.state.reference
        DOCUMENT.update(reference.build())


def codes_in(answer: dict[str, Any]) -> set[str]:
    if "$ref" in answer:
        answer = DOCUMENT["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    problem = answer.get("content", {}).get("application/problem+json")
    if problem is None:
        return set()
    return set(problem["schema"]["allOf"][1]["properties"]["code"]["enum"])


def check(web: Starlette, method: str, path: str, status: int, body: bytes) -> None:
    """Raises AssertionError for an answer that nobody was told of."""
    learn(web)
    place = path.partition("?")[0]
    found = [one for one in operations().get(method, []) if one.path.fullmatch(place)]
    if not found or status == 405:
        return
    told = found[-1]
    assert status in told.codes, f"{told.name} answers {status}: {body[:300]!r}"
    if status >= 400:
        code = msgspec.json.decode(body)["code"]
        assert code in told.codes[status], f"{told.name} answers {status} {code}"

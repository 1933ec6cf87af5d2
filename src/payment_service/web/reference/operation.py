"""What is said of an operation beyond its code: its name, its scope, its answers and refusals."""

from typing import Any, Literal

import msgspec

from payment_service.model.key import Scope


class Shown(msgspec.Struct, frozen=True):
    """A successful answer: one thing, a page of things, or nothing."""

    shape: type | None
    said: str
    kind: Literal["one", "page"] = "one"
    example: Any = None
    """Where it differs from the example of the shape."""
    media: str = "application/json"
    text: str = ""
    """An example of the same as text, where it can be asked for."""


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """`codes` are those of its own; what every call can answer is added by the document."""

    id: str
    scope: Scope | None
    answers: dict[int, Shown]
    codes: tuple[str, ...] = ()
    body: dict[str, Any] | None = None
    """An example of what is sent."""


Operations = dict[str, Operation]
"""By method and path, as in `POST /v1/plans`."""


def one(shape: type, said: str, example: Any = None, *, media: str = "json") -> Shown:
    return Shown(shape, said, "one", example, media=f"application/{media}")


def page_of(shape: type, said: str) -> Shown:
    return Shown(shape, said, "page")

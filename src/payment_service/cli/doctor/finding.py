"""A finding: what was looked at, how it stands, and what to do about it."""

from typing import Literal

import msgspec

State = Literal["ok", "attention", "broken"]


class Finding(msgspec.Struct, frozen=True):
    """`remedy` says what to do, and is there unless all is well."""

    what: str
    state: State
    says: str
    remedy: str | None = None


def ok(what: str, says: str) -> Finding:
    return Finding(what, "ok", says)


def attention(what: str, says: str, remedy: str) -> Finding:
    return Finding(what, "attention", says, remedy)


def broken(what: str, says: str, remedy: str) -> Finding:
    return Finding(what, "broken", says, remedy)

"""A code that a refusal carries, and a group of them about one thing."""

import msgspec


class Code(msgspec.Struct, frozen=True):
    """`members` are further fields of the answer."""

    name: str
    status: int
    meaning: str
    remedy: str
    members: tuple[str, ...] = ()


class Group(msgspec.Struct, frozen=True):
    title: str
    intro: str
    codes: tuple[Code, ...]

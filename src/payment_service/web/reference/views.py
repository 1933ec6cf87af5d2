"""The pages of `/v1/docs` as templates see them."""

import msgspec

from payment_service.web.catalogue import GROUPS, Group
from payment_service.web.reference.spelled import Part


class Field(msgspec.Struct, frozen=True):
    """`inner` are the fields of what is sent inside of it."""

    name: str
    type: list[Part]
    required: bool
    said: str
    default: str = ""
    inner: tuple["Field", ...] = ()


class Shape(msgspec.Struct, frozen=True):
    name: str
    said: str
    fields: list[Field]


class Answer(msgspec.Struct, frozen=True):
    """`codes` are what a refusal of this status can say."""

    status: str
    said: str
    shape: str = ""
    codes: tuple[str, ...] = ()


class Call(msgspec.Struct, frozen=True):
    """One operation."""

    id: str
    method: str
    path: str
    title: str
    paragraphs: list[str]
    scope: str
    parameters: dict[str, list[Field]]
    body: str
    fields: list[Field]
    request: str
    example: str
    answers: list[Answer]
    refusals: list[Answer]


class News(msgspec.Struct, frozen=True):
    """One type of event."""

    type: str
    said: str
    shape: str


class Noun(msgspec.Struct, frozen=True):
    slug: str
    name: str
    said: str
    calls: list[Call]
    shapes: list[Shape]


class View(msgspec.Struct, frozen=True):
    """What every page of the reference knows. `places` says on which page a shape is."""

    template: str
    slug: str
    title: str
    home: str
    origin: str
    version: str
    about: list[str]
    nouns: list[Noun]
    places: dict[str, str]
    noun: Noun | None = None
    groups: tuple[Group, ...] = GROUPS
    news: tuple[News, ...] = ()
    message: str = ""

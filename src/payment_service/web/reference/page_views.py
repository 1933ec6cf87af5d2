"""The pages of `/v1/docs`, made from the OpenAPI document."""

from collections.abc import Iterator
from typing import Any

import msgspec

from payment_service.web.reference.call_views import call_view, fields_of, shapes_in
from payment_service.web.reference.links import snake
from payment_service.web.reference.schemas import Schema
from payment_service.web.reference.spelled import typed
from payment_service.web.reference.views import News, Noun, Shape, View


def views_of(document: Schema, home: str) -> Iterator[View]:
    nouns = [*_nouns(document)]
    places = {shape.name: noun.slug for noun in nouns for shape in noun.shapes}
    start = View(
        template="start",
        slug="",
        title="Reference",
        home=home,
        origin=document["servers"][0]["url"],
        version=document["info"]["version"],
        about=document["info"]["description"].split("\n\n"),
        nouns=nouns,
        places=places,
        news=tuple(_news(document)),
        message=typed(_example(document["webhooks"]["subscription.activated"]["post"])),
    )
    yield start
    for noun in nouns:
        template = "noun" if noun.calls else "webhooks"
        title = _title(noun.name)
        yield msgspec.structs.replace(
            start, template=template, slug=noun.slug, title=title, noun=noun
        )
    yield msgspec.structs.replace(start, template="errors", slug="errors", title="Errors")


def _nouns(document: Schema) -> Iterator[Noun]:
    """Each shape stands with the first noun that answers with it, or has it inside."""
    owned = {_plural(name): name for name in document["components"]["schemas"]}
    tags = [tag["name"] for tag in document["tags"]]
    shown: set[str] = set()
    for tag in document["tags"]:
        elsewhere = {owned.get(name, "") for name in tags if name != tag["name"]}
        calls = [
            (method, path, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
            if tag["name"] in operation["tags"]
        ]
        names = [name for _, _, one in calls for name in _answered(one)]
        if tag["name"] == "webhooks":
            names = [
                name
                for methods in document["webhooks"].values()
                for name in shapes_in(_schema_of_data(document, methods["post"]))
            ]
        own = [name for name in _with_inner(document, names) if name not in shown | elsewhere]
        shown.update(own)
        yield Noun(
            slug=tag["name"].replace(" ", "-"),
            name=tag["name"],
            said=tag["description"],
            calls=[call_view(document, *call) for call in calls],
            shapes=[_shape(document, name) for name in own],
        )


NOUNS = {"Endpoint": "webhook endpoints", "Delivery": "deliveries"}
"""Of the objects whose noun is not their plural."""


def _plural(name: str) -> str:
    """`Plan` is an object of the noun `plans`."""
    return NOUNS.get(name) or snake(name).replace("_", " ") + "s"


def _answered(operation: Schema) -> list[str]:
    return [
        name
        for status, answer in operation["responses"].items()
        if status < "300"
        for content in answer.get("content", {}).values()
        for name in shapes_in(content["schema"])
    ]


def _schema_of_data(document: Schema, operation: Schema) -> Schema:
    name = shapes_in(operation["requestBody"]["content"]["application/json"]["schema"])[0]
    data: Schema = document["components"]["schemas"][name]["properties"]["data"]
    return data


def _with_inner(document: Schema, names: list[str]) -> list[str]:
    """Lists give way to what they list; what stands inside a shape follows it."""
    schemas = document["components"]["schemas"]
    found: list[str] = []
    waiting = [*names]
    while waiting:
        name = waiting.pop(0)
        inner = shapes_in(schemas[name])
        if name not in found and not name.endswith("List"):
            found.append(name)
        waiting = [*(one for one in inner if one not in found), *waiting]
    return found


def _shape(document: Schema, name: str) -> Shape:
    schema = document["components"]["schemas"][name]
    return Shape(name, schema.get("description", ""), fields_of(schema))


def _example(operation: Schema) -> Any:
    return operation["requestBody"]["content"]["application/json"]["example"]


def _news(document: Schema) -> Iterator[News]:
    for kind, methods in document["webhooks"].items():
        operation = methods["post"]
        (name, *_) = shapes_in(_schema_of_data(document, operation))
        yield News(kind, operation["summary"], name)


def _title(name: str) -> str:
    return name[0].upper() + name[1:]

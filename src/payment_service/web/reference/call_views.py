"""A call of the reference as its page shows it: what is sent, with which answers."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from payment_service.web.problems import TITLES
from payment_service.web.reference.schemas import PLACE, Schema
from payment_service.web.reference.spelled import Part, curl, spelled, typed
from payment_service.web.reference.views import Answer, Call, Field

FOUND_BY = ("customer", "reference")
"""What a list is mostly asked for by: the app's own reference."""
ORDER = {"path": "Path", "query": "Query", "header": "Headers"}


def call_view(document: Schema, method: str, path: str, operation: Schema) -> Call:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    names = shapes_in(content["schema"]) if content else []
    schemas = document["components"]["schemas"]
    parameters = operation["parameters"]
    url = "$URL" + path
    for one in parameters:
        if one["in"] == "path":
            prefix = one["schema"]["pattern"][1:].partition("_")[0]
            url = url.replace(f"{{{one['name']}}}", f"{prefix}_…")
    asked = next((one for one in parameters if one["name"] in FOUND_BY), None)
    if asked is not None and asked["in"] == "query":
        url = f'"{url}?{asked["name"]}={asked["example"]}"'
    return Call(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        title=operation["summary"],
        paragraphs=operation.get("description", "").split("\n\n"),
        scope=next((one["apiKey"][0] for one in operation["security"]), ""),
        parameters={
            title: [_parameter(one) for one in parameters if one["in"] == place]
            for place, title in ORDER.items()
        },
        body=schemas[names[0]].get("description", "") if names else "",
        fields=_sent(schemas, names[0]) if names else [],
        request=curl(
            method.upper(),
            url,
            keyed=any(one["name"] == "Idempotency-Key" for one in parameters),
            open_to_all=not operation["security"],
            body=content.get("example") if content else None,
        ),
        example=_example_of_answer(operation),
        answers=[*_answers(document, operation, refused=False)],
        refusals=[*_answers(document, operation, refused=True)],
    )


def _parameter(told: Schema) -> Field:
    schema = told["schema"]
    return Field(
        told["name"], spelled(schema), told["required"], told["description"], _default(schema)
    )


def _sent(schemas: dict[str, Schema], name: str) -> list[Field]:
    """What stands inside a body is told where it stands."""
    schema = schemas[name]
    fields = []
    for field in fields_of(schema):
        inner = shapes_in(schema["properties"][field.name])
        if not inner:
            fields.append(field)
            continue
        is_list = schema["properties"][field.name].get("type") == "array"
        fields.append(
            msgspec.structs.replace(
                field,
                type=[Part("list of objects" if is_list else "object")],
                said=field.said or schemas[inner[0]].get("description", ""),
                inner=tuple(_sent(schemas, inner[0])),
            )
        )
    return fields


def fields_of(schema: Schema) -> list[Field]:
    return [
        Field(
            name,
            spelled(inner),
            name in schema.get("required", ()),
            inner.get("description", ""),
            _default(inner),
        )
        for name, inner in schema.get("properties", {}).items()
    ]


def _default(schema: Schema) -> str:
    default = schema.get("default")
    if default in (None, {}, []) or "const" in schema:
        return ""
    return default if isinstance(default, str) else msgspec.json.encode(default).decode()


def _example_of_answer(operation: Schema) -> str:
    for status, answer in operation["responses"].items():
        for content in answer.get("content", {}).values():
            if status < "300":
                return typed(content["example"])
    return ""


def _answers(document: Schema, operation: Schema, *, refused: bool) -> Iterator[Answer]:
    for status, told in operation["responses"].items():
        if (status >= "400") is not refused:
            continue
        if "$ref" in told:
            told = document["components"]["responses"][told["$ref"].rpartition("/")[2]]
        contents = [*told.get("content", {}).values()]
        if refused:
            yield Answer(status, TITLES.get(int(status), ""), codes=tuple(contents[0]["examples"]))
        else:
            names = shapes_in(contents[0]["schema"]) if contents else []
            yield Answer(status, told["description"], names[0] if names else "")


def shapes_in(schema: Any) -> list[str]:
    """The shapes that a schema names, in order."""
    return re.findall(rf"{PLACE}(\w+)", msgspec.json.encode(schema).decode())

"""The shapes of answers as JSON Schema, made from the records that are answered with."""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import inspect

from payment_service.web.reference.fields import field_of

Schema = dict[str, Any]

PLACE = "#/components/schemas/"
NAMES = {"Line": "InvoiceLine", "Stand": "TestClock", "Span": "ClockAdvance"}
"""What a shape is called outside, where that is not its class without `Resource`."""


def name_of(shape: type) -> str:
    return NAMES.get(shape.__name__, shape.__name__.removesuffix("Resource"))


def reference_to(name: str) -> Schema:
    return {"$ref": PLACE + name}


def schemas_of(shapes: Iterable[type]) -> dict[str, Schema]:
    """Every shape by its name, and every shape inside one."""
    wanted = list(shapes)
    _, made = msgspec.json.schema_components(wanted, ref_template=PLACE + "{name}")
    records = {record.cls.__name__: record for record in _records(wanted)}
    names = {name: name_of(records[name].cls) for name in made}
    return {
        names[name]: _renamed(_finished(names[name], schema, records[name]), names)
        for name, schema in made.items()
    }


def page_schema(shape: type) -> Schema:
    """A page of a list."""
    return {
        "type": "object",
        "description": "One page of a list. `after` takes `next_after` to get the next one.",
        "properties": {
            "data": {
                "type": "array",
                "items": reference_to(name_of(shape)),
                "description": "Newest first.",
            },
            "has_more": {"type": "boolean", "description": "Whether there is a next page."},
            "next_after": {
                "type": ["string", "null"],
                "description": "What `after` takes to get the next page; null on the last.",
            },
        },
        "required": ["data", "has_more", "next_after"],
    }


def _records(shapes: Iterable[type]) -> Iterable[inspect.StructType]:
    """Each record among the shapes and inside them, once."""
    seen: dict[type, inspect.StructType] = {}
    waiting: list[inspect.Type] = list(inspect.multi_type_info(shapes))
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, inspect.StructType) and kind.cls not in seen:
            seen[kind.cls] = kind
            waiting += [field.type for field in kind.fields]
        elif isinstance(kind, inspect.UnionType):
            waiting += kind.types
        elif isinstance(kind, inspect.ListType | inspect.VarTupleType | inspect.CollectionType):
            waiting.append(kind.item_type)
        elif isinstance(kind, inspect.DictType):
            waiting.append(kind.value_type)
    return seen.values()


def _finished(name: str, schema: Schema, record: inspect.StructType) -> Schema:
    """All fields are always there; instants and enumerations say what they are."""
    fields = {field.encode_name: field for field in record.fields}
    schema.pop("title", None)
    if "description" in schema:
        schema["description"] = schema["description"].replace("None", "null")
    schema["required"] = [name for name, field in fields.items() if not _may_lack(field)]
    for field_name, inner in schema["properties"].items():
        inner.pop("default", None)
        one = _without_null(inner)
        if _is_instant(fields[field_name].type):
            one["format"] = "date-time"
        if "enum" in one:
            one["type"] = "string" if isinstance(one["enum"][0], str) else "integer"
        if one is not inner and "$ref" not in one:
            inner.pop("anyOf")
            inner.update(one, type=[one["type"], "null"])
            if "enum" in inner:
                inner["enum"] = [*inner["enum"], None]
        inner.update(field_of(name, field_name))
    return schema


def _without_null(schema: Schema) -> Schema:
    """What it is when it is not null; the schema itself where it never is."""
    others: list[Schema] = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    return others[0] if len(others) == 1 else schema


def _is_instant(kind: inspect.Type) -> bool:
    kinds = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    return any(isinstance(one, inspect.DateTimeType) for one in kinds)


def _may_lack(field: inspect.Field) -> bool:
    return field.default is msgspec.UNSET


def _renamed(schema: Any, names: dict[str, str]) -> Any:
    if isinstance(schema, dict):
        return {
            key: PLACE + names[value.removeprefix(PLACE)]
            if key == "$ref"
            else _renamed(value, names)
            for key, value in schema.items()
        }
    if isinstance(schema, list):
        return [_renamed(one, names) for one in schema]
    return schema

"""The Python client has each call of the OpenAPI document, takes what it takes, and no other."""

import inspect
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any, get_type_hints

import msgspec
import pytest

from payment_service_client import AsyncClient, Client
from payment_service_client.asking import AsyncGroup, Group, asks, walks
from payment_service_client.call import Call
from payment_service_client.calls import (
    app,
    customers,
    invoices,
    plans,
    subscriptions,
    test_apps,
    webhooks,
)
from payment_service_client.records import Page
from tests.story import Story

MODULES = (app, customers, invoices, plans, subscriptions, test_apps, webhooks)
KEY = "psk_test_" + "a" * 38
NOW = datetime(2026, 1, 31, 3, tzinfo=UTC)
OPEN_TO_ALL = "/.well-known/"


def makers() -> Iterator[tuple[str, Callable[..., Call[Any]]]]:
    """Every function that makes a call."""
    for module in MODULES:
        for name, made in vars(module).items():
            is_own = inspect.isfunction(made) and made.__module__ == module.__name__
            if is_own and name[0] != "_" and name != "told":
                yield f"{module.__name__.rpartition('.')[2]}.{name}", made


def example(name: str, kind: str) -> Any:
    """Some value for an argument of that type."""
    if "Mapping[str, int]" in kind:
        return {"3": 1}
    if "Mapping" in kind:
        return {}
    if "tuple[str, int]" in kind:
        return [("x", 1)]
    if "datetime" in kind:
        return NOW
    if "date" in kind:
        return date(2026, 1, 31)
    if name == "at":
        return "now"
    if "Iterable" in kind:
        return ["x"]
    if "bool" in kind:
        return True
    return 1 if re.match(r"int\b", kind) else "ID" if name.endswith("_id") else "x"


def made_of(make: Callable[..., Call[Any]]) -> Call[Any]:
    """The call with every argument given."""
    hints = get_type_hints(make)
    ids, named = [], {}
    for name, parameter in inspect.signature(make).parameters.items():
        kind = str(hints[name]).replace("<class '", "").replace("'>", "")
        value = example(name, kind)
        if parameter.kind is parameter.KEYWORD_ONLY:
            named[name] = value
        else:
            ids.append(value)
    return make(*ids, **named)


CALLS = dict(makers())


def path_of(call: Call[Any]) -> str:
    return re.sub(r"/ID(?=/|$)", "/{}", call.path)


async def operations(story: Story) -> dict[tuple[str, str], dict[str, Any]]:
    document = (await story.service.ask("GET", "/v1/openapi.json")).json
    return {
        (method.upper(), re.sub(r"\{\w+\}", "{}", path)): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if not path.startswith(OPEN_TO_ALL)
    }


def whole(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The schema behind references, of an object that may be null too. What is put together of
    parts has the fields of all; of one that takes several shapes, any of their fields."""
    while "$ref" in schema or "anyOf" in schema:
        if "anyOf" in schema:
            (schema,) = [one for one in schema["anyOf"] if one != {"type": "null"}]
        else:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    parts = [whole(document, part) for part in schema.get("allOf", schema.get("oneOf", ()))]
    if not parts:
        return schema
    required = [set(part.get("required", ())) for part in parts]
    both = set.union if "allOf" in schema else set.intersection
    properties = {name: field for part in parts for name, field in part["properties"].items()}
    return {"properties": properties, "required": sorted(both(*required))}


async def test_it_has_every_call_and_no_other(story: Story) -> None:
    told = await operations(story)
    calls = {name: made_of(make) for name, make in CALLS.items()}
    asked = {(call.method, path_of(call)) for call in calls.values()}
    assert asked == set(told)


async def test_it_walks_every_list(story: Story) -> None:
    told = await operations(story)
    lists = {
        path
        for (method, path), operation in told.items()
        if any(one["name"] == "after" for one in operation["parameters"])
    }
    assert len(lists) >= 12
    for kind, group in ((Client, Group), (AsyncClient, AsyncGroup)):
        walked = {
            path_of(made_of(method._make))
            for one in vars(kind(KEY, "http://localhost:5005")).values()
            if isinstance(one, group)
            for method in vars(type(one)).values()
            if isinstance(method, walks)
        }
        assert walked == lists


async def test_it_sends_what_each_call_takes(story: Story) -> None:
    told = await operations(story)
    document = (await story.service.ask("GET", "/v1/openapi.json")).json
    for name, make in CALLS.items():
        call = made_of(make)
        operation = told[call.method, path_of(call)]
        known = {one["name"] for one in operation["parameters"] if one["in"] == "query"}
        assert set(call.query) <= known, name
        # Only what has an idempotency key there may be sent again.
        takes_key = any(one["name"] == "Idempotency-Key" for one in operation["parameters"])
        assert takes_key == (call.idempotency_key is not None) == (call.method != "GET"), name
        body = operation.get("requestBody")
        if call.body is None:
            assert body is None or not body["required"], name
            continue
        assert body is not None, name
        shape = whole(document, body["content"]["application/json"]["schema"])
        sent = msgspec.json.decode(call.body)
        assert set(sent) - {"x"} <= set(shape["properties"]), name
        assert set(shape.get("required", ())) <= set(sent), name


async def test_it_knows_every_field_of_each_answer(story: Story) -> None:
    document = (await story.service.ask("GET", "/v1/openapi.json")).json
    told = await operations(story)
    for name, make in CALLS.items():
        call = made_of(make)
        good = [
            answer
            for status, answer in told[call.method, path_of(call)]["responses"].items()
            if status.startswith("2")
        ]
        for answer in good:
            if call.answer is None:
                assert "content" not in answer, name
                continue
            content = answer["content"]["application/json"]
            known, kind = whole(document, content["schema"])["properties"], call.answer
            if getattr(kind, "__origin__", None) is Page:
                (kind,) = kind.__args__
                known = whole(document, known["data"]["items"])["properties"]
            fields = {field.encode_name for field in msgspec.structs.fields(kind)}
            assert set(known) <= fields, f"{name}: {set(known) - fields}"
            # What it counts on is there.
            counted_on = {one.encode_name for one in msgspec.structs.fields(kind) if one.required}
            assert counted_on <= set(known), f"{name}: {counted_on - set(known)}"
            assert msgspec.convert(content["example"], call.answer, strict=False), name


@pytest.mark.parametrize(("kind", "group"), [(Client, Group), (AsyncClient, AsyncGroup)])
def test_both_faces_ask_every_call(kind: Any, group: type) -> None:
    client = kind(KEY, "http://localhost:5005")
    asked = {
        method._make
        for one in vars(client).values()
        if isinstance(one, group)
        for method in vars(type(one)).values()
        if isinstance(method, asks | walks)
    }
    assert asked == set(CALLS.values())
    assert all(make.__doc__ or True for make in asked)


def test_both_faces_are_alike() -> None:
    faces = [
        {
            f"{name}.{method}": getattr(made, "_make", None)
            for name, one in vars(kind(KEY, "http://localhost:5005")).items()
            if isinstance(one, Group | AsyncGroup)
            for method, made in vars(type(one)).items()
            if method[0] != "_"
        }
        for kind in (Client, AsyncClient)
    ]
    assert faces[0] == faces[1]

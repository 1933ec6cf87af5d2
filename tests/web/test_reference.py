"""What is told of the API is whole, well formed, and true."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from payment_service.actions.create_key import create_key
from payment_service.model.key import Scope
from payment_service.resources import EventResource
from payment_service.web.catalogue import CODES
from payment_service.web.reference.document import OPERATIONS
from payment_service.web.reference.fields import FIELDS, PREFIXES
from payment_service.web.reference.served import Reference
from tests.service import Service
from tests.story import App

OTHER_SCOPES: dict[str, tuple[Scope, ...]] = {
    "read": ("write", "admin"),
    "write": ("read", "admin"),
    "admin": ("read", "write"),
}


@pytest.fixture
async def told(service: Service) -> dict[str, Any]:
    document: dict[str, Any] = (await service.ask("GET", "/v1/openapi.json")).json
    return document


def operations(told: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def resolved(told: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """With all components beside it, for a validator."""
    return {**schema, "components": told["components"]}


async def test_the_document_is_openapi(told: dict[str, Any]) -> None:
    assert told["openapi"].startswith("3.1")
    validate(told)


async def test_an_operation_is_told_of_only_while_it_is_there(told: dict[str, Any]) -> None:
    assert {f"{method} {path}" for method, path, _ in operations(told)} == set(OPERATIONS)


async def test_a_route_of_which_nothing_is_said_has_no_document(service: Service) -> None:
    new = APIRoute("/v1/new", lambda: None, methods=["GET"])
    with pytest.raises(KeyError, match="GET /v1/new"):
        Reference([*service.web.routes, new], service.origin).build()


async def test_names_are_given_once(told: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(told)]
    ids += [methods["post"]["operationId"] for methods in told["webhooks"].values()]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z][A-Za-z]+", one) for one in ids)


async def test_every_noun_is_introduced(told: dict[str, Any]) -> None:
    used = {tag for _, _, operation in operations(told) for tag in operation["tags"]}
    assert used | {"webhooks"} == {tag["name"] for tag in told["tags"]}


async def test_every_field_and_parameter_is_described(told: dict[str, Any]) -> None:
    silent = [
        f"{name}.{field}"
        for name, schema in told["components"]["schemas"].items()
        for field, inner in schema.get("properties", {}).items()
        if "description" not in inner and "$ref" not in inner
    ]
    silent += [
        f"{operation['operationId']}.{parameter['name']}"
        for _, _, operation in operations(told)
        for parameter in operation["parameters"]
        if not parameter.get("description")
    ]
    silent += [
        operation["operationId"]
        for _, _, operation in operations(told)
        if not operation.get("description") or not operation.get("summary")
    ]
    silent += [
        name
        for name, schema in told["components"]["schemas"].items()
        if not schema.get("description")
    ]
    assert silent == []


async def test_every_parameter_has_an_example_that_fits(told: dict[str, Any]) -> None:
    for _, _, operation in operations(told):
        for parameter in operation["parameters"]:
            Draft202012Validator(parameter["schema"]).validate(parameter["example"])


async def test_what_is_one_of_a_few_words_lists_them(told: dict[str, Any]) -> None:
    states = {
        operation["operationId"]: parameter["schema"]
        for _, _, operation in operations(told)
        for parameter in operation["parameters"]
        if parameter["name"] == "status"
    }
    of_subscriptions = states.pop("listSubscriptions")
    assert "grace" in of_subscriptions["items"]["enum"]
    assert all(schema["enum"] for schema in states.values())


async def test_nothing_is_said_of_fields_that_are_not_there(told: dict[str, Any]) -> None:
    there = {
        name
        for shape, schema in told["components"]["schemas"].items()
        for field in schema.get("properties", {})
        for name in (field, f"{shape}.{field}")
    }
    there |= {f"Event.{field}" for field in EventResource.__struct_fields__}  # two shapes in one
    there |= {
        parameter["name"]
        for _, _, operation in operations(told)
        for parameter in operation["parameters"]
    }
    assert {*FIELDS, *PREFIXES} <= there


async def test_what_is_sent_has_an_example_that_fits(told: dict[str, Any]) -> None:
    for _, _, operation in operations(told):
        if "requestBody" not in operation:
            continue
        content = operation["requestBody"]["content"]["application/json"]
        schema = resolved(told, content["schema"])
        Draft202012Validator(schema).validate(content["example"])


async def test_every_answer_has_an_example_that_fits(told: dict[str, Any]) -> None:
    for _, _, operation in operations(told):
        for status, answer in operation["responses"].items():
            if "$ref" in answer:
                answer = told["components"]["responses"][answer["$ref"].rpartition("/")[2]]
            for content in answer.get("content", {}).values():
                schema = resolved(told, content["schema"])
                examples = [content["example"]] if "example" in content else []
                named = told["components"]["examples"]
                examples += [named[name]["value"] for name in content.get("examples", ())]
                assert examples, (operation["operationId"], status)
                for example in examples:
                    Draft202012Validator(schema).validate(example)


async def test_every_event_has_an_example_that_fits(told: dict[str, Any]) -> None:
    for methods in told["webhooks"].values():
        content = methods["post"]["requestBody"]["content"]["application/json"]
        schema = resolved(told, content["schema"])
        Draft202012Validator(schema).validate(content["example"])
        every = resolved(told, told["components"]["schemas"]["WebhookEvent"])
        Draft202012Validator(every).validate(content["example"])


async def test_the_codes_of_an_operation_are_in_the_catalogue() -> None:
    named = {code for operation in OPERATIONS.values() for code in operation.codes}
    assert named <= set(CODES)


async def test_an_operation_needs_the_scope_that_is_told(
    service: Service, app: App, told: dict[str, Any]
) -> None:
    """With the other two scopes it is refused, naming the one."""
    keys = {
        scope: (
            await service.runtime.db.write(
                create_key, app.id, "some", scopes, service.runtime.clock.now()
            )
        )[1]
        for scope, scopes in OTHER_SCOPES.items()
    }
    for method, path, operation in operations(told):
        if not operation["security"]:
            continue
        ((scope,),) = (entry["apiKey"] for entry in operation["security"])
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        answer = await app.asks(
            method,
            re.sub(r"\{\w+\}", "x", path),
            content.get("example"),
            authorization=f"Bearer {keys[scope]}",
        )
        assert (answer.status, answer.json["code"]) == (403, "scope_missing"), (method, path)
        assert f"“{scope}”" in answer.json["detail"], (method, path)


async def test_who_has_the_document_is_not_sent_it_again(service: Service) -> None:
    first = await service.ask("GET", "/v1/openapi.json")
    assert first.status == 200
    again = {"If-None-Match": first.headers["ETag"]}
    second = await service.ask("GET", "/v1/openapi.json", headers=again)
    assert (second.status, second.body) == (304, b"")
    other = await service.ask("GET", "/v1/openapi.json", headers={"If-None-Match": '"x"'})
    assert other.body == first.body

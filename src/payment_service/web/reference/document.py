"""The OpenAPI document: what FastAPI knows of the routes, and what is said of each operation."""

from collections.abc import Sequence

from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

from payment_service import __version__
from payment_service.web.catalogue import CODES
from payment_service.web.reference.asked import body_schemas, flowing, tidied
from payment_service.web.reference.customers import CUSTOMERS
from payment_service.web.reference.events import EVENTS, event_schemas, listed, webhooks
from payment_service.web.reference.examples import EXAMPLES, written
from payment_service.web.reference.invoices import INVOICES
from payment_service.web.reference.keys import KEYS
from payment_service.web.reference.links import links_of
from payment_service.web.reference.open_to_all import OPEN_TO_ALL, PATHS
from payment_service.web.reference.operation import Operation, Operations, Shown
from payment_service.web.reference.parameters import parameter
from payment_service.web.reference.plans import PLANS
from payment_service.web.reference.refusals import (
    codes_of,
    problem_example,
    problem_schema,
    refused,
    shared_answers,
)
from payment_service.web.reference.schemas import (
    Schema,
    name_of,
    page_schema,
    reference_to,
    schemas_of,
)
from payment_service.web.reference.subscriptions import SUBSCRIPTIONS
from payment_service.web.reference.test_apps import TEST_APPS
from payment_service.web.reference.the_app import THE_APP
from payment_service.web.reference.webhooks import WEBHOOKS
from payment_service.web.reference.words import ABOUT, HEADERS, TAGS

OPERATIONS: Operations = {
    **PLANS,
    **CUSTOMERS,
    **SUBSCRIPTIONS,
    **INVOICES,
    **THE_APP,
    **KEYS,
    **WEBHOOKS,
    **TEST_APPS,
    **OPEN_TO_ALL,
}


def document(routes: Sequence[BaseRoute], origin: str) -> Schema:
    """Of the routes that are shown. Raises KeyError for one of which nothing is said."""
    told = get_openapi(title="Payment Service", version=__version__, routes=routes)
    paths = {
        path: {method: _operation(method, path, one) for method, one in methods.items()}
        for path, methods in {**told["paths"], **PATHS}.items()
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Payment Service",
            "version": __version__,
            "summary": "Subscription billing over QRIS.",
            "description": ABOUT,
        },
        "servers": [{"url": origin}],
        "security": [{"apiKey": []}],
        "tags": [{"name": name, "description": said} for name, said in TAGS.items()],
        "paths": paths,
        "webhooks": webhooks(),
        "components": _components(told["components"]["schemas"]),
    }


def _operation(method: str, path: str, told: Schema) -> Schema:
    said = OPERATIONS[f"{method.upper()} {path}"]
    parameters = [parameter(one, tidied(one["schema"])) for one in told.get("parameters", ())]
    names = {one["in"]: one["name"] for one in parameters}
    codes = codes_of(
        said,
        (one["name"] for one in parameters if one["in"] == "path"),
        keyed=names.get("header") == "Idempotency-Key",
        body="requestBody" in told,
    )
    made: Schema = {
        "operationId": said.id,
        "summary": told["summary"],
        "description": flowing(told.get("description", "")),
        "tags": told["tags"],
        "security": [{"apiKey": [said.scope]}] if said.scope else [],
        "parameters": parameters,
        "responses": {
            **{str(status): _shown(shown) for status, shown in said.answers.items()},
            **refused(codes),
        },
    }
    if method == "post" and "{" not in path:
        created = made["responses"].get("201")
        if created is not None:
            created["links"] = links_of(said, OPERATIONS)
    if "requestBody" in told:
        made["requestBody"] = _body(told["requestBody"], said)
    return {key: value for key, value in made.items() if value != ""}


def _body(told: Schema, said: Operation) -> Schema:
    content: Schema = {"schema": tidied(told["content"]["application/json"]["schema"])}
    if said.body is not None:
        content["example"] = said.body
    return {"required": told.get("required", False), "content": {"application/json": content}}


def _shown(shown: Shown) -> Schema:
    answer: Schema = {"description": shown.said}
    if shown.shape is not None:
        name = name_of(shown.shape) + ("List" if shown.kind == "page" else "")
        example = written(EXAMPLES[shown.shape] if shown.example is None else shown.example)
        if shown.kind == "page":
            example = {"data": [example], "has_more": False, "next_after": None}
        answer["content"] = {shown.media: {"schema": reference_to(name), "example": example}}
    if shown.text:
        answer["content"]["text/plain"] = {"schema": {"type": "string"}, "example": shown.text}
    return answer


def _components(bodies: dict[str, Schema]) -> Schema:
    shown = [one for said in OPERATIONS.values() for one in said.answers.values()]
    shapes = {one.shape for one in shown if one.shape is not None}
    shapes.update(told.shape for told in EVENTS.values())
    schemas = dict(sorted(schemas_of(sorted(shapes, key=name_of)).items()))
    schemas["Event"] = listed(schemas["Event"])
    pages = {one.shape for one in shown if one.kind == "page" and one.shape is not None}
    return {
        "schemas": {
            **schemas,
            **{f"{name_of(shape)}List": page_schema(shape) for shape in sorted(pages, key=name_of)},
            **body_schemas(bodies),
            **event_schemas(),
            "Problem": problem_schema(),
        },
        "examples": {
            code.name: {"summary": code.meaning, "value": problem_example(code)}
            for code in CODES.values()
        },
        "responses": shared_answers(),
        "headers": HEADERS,
        "securitySchemes": {
            "apiKey": {
                "type": "http",
                "scheme": "bearer",
                "description": "An app's key, `psk_live_…` or `psk_test_…`. It may do what its "
                "scopes say: `read`, `write`, `admin`.",
            }
        },
    }

"""The one place where a refusal becomes an HTTP answer: RFC 9457 problem+json."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
import structlog
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from payment_service.kit.errors import Refusal
from payment_service.web.api.strict_json import GivenTwice, Unkept
from payment_service.web.faults import MOST, faults_of

log = structlog.get_logger()

STATUS = {
    "invalid": 422,
    "unsupported": 415,
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "too_large": 413,
    "too_many": 429,
    "unavailable": 503,
}
TITLES = {
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    409: "Conflict",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
CODES = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}


def problem(
    status: int, code: str, detail: str, *, headers: dict[str, str] | None = None, **members: object
) -> Response:
    """`code` is stable and for programs; `detail` says what to do."""
    body = {
        "type": "about:blank",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "code": code,
        "detail": detail,
        **members,
    }
    return Response(
        msgspec.json.encode(body),
        status,
        headers=headers,
        media_type="application/problem+json",
    )


async def answer_refusal(_: Request, error: Exception) -> Response:
    if not isinstance(error, Refusal):
        raise error
    headers = {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    if error.kind == "unauthorized":
        headers["WWW-Authenticate"] = "Bearer"
    return problem(STATUS[error.kind], error.code, error.detail, headers=headers, **error.members)


async def answer_invalid_body(request: Request, error: Exception) -> Response:
    """A body or a parameter that has not the shape asked for; every fault is named."""
    if not isinstance(error, RequestValidationError):
        raise error
    faults = faults_of(error.errors())
    if isinstance(error.__cause__, Unkept):
        faults = error.__cause__.faults[:MOST]
        return problem(422, "invalid_request", _correct(faults), errors=faults)
    if isinstance(error.__cause__, GivenTwice):
        field = error.__cause__.field[:100]
        detail = f"Send each field once; “{field}” is there twice."
        return problem(422, "duplicate_field", detail, field=field)
    if any(one["type"] == "json_invalid" for one in error.errors()):
        return problem(422, "malformed_json", "The body is not JSON; send one JSON object.")
    kind = request.headers.get("content-type", "")
    if request.method != "GET" and "json" not in kind.lower() and kind:
        return problem(
            422, "invalid_request", "Send JSON with Content-Type: application/json.", errors=faults
        )
    return problem(422, "invalid_request", _correct(faults), errors=faults)


def _correct(faults: list[dict[str, str]]) -> str:
    named = ", ".join(fault["field"] or "body" for fault in faults)
    return f"Correct these fields and send it again: {named}."


async def answer_http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    code = CODES.get(error.status_code, "http_error")
    headers = dict(error.headers) if error.headers else {}
    detail = str(error.detail)
    if error.status_code == 404:
        detail = "There is nothing at this address."
    if error.status_code == 405:
        # Each route names its own methods alone; one address can have several routes.
        headers["Allow"] = methods_at(request.app.state.places, request.url.path)
        detail = f"This address takes only {headers['Allow']}."
    return problem(error.status_code, code, detail, headers=headers)


class Place(NamedTuple):
    """An address, and the methods that it is asked with."""

    path: re.Pattern[str]
    methods: frozenset[str]


def places_of(routes: Iterable[BaseRoute]) -> list[Place]:
    return [
        Place(route.path_regex, frozenset(_methods_of(route)))
        for route in routes
        if isinstance(route, Route)
    ]


def _methods_of(route: Route) -> set[str]:
    methods = set(route.methods or ())
    # The API's GET routes know nothing of HEAD; it is theirs all the same.
    return methods | {"HEAD"} if "GET" in methods else methods


def methods_at(places: Iterable[Place], path: str) -> str:
    """As `Allow` names them."""
    return ", ".join(
        sorted({method for place in places if place.path.match(path) for method in place.methods})
    )


async def answer_failure(request: Request, error: Exception) -> Response:
    """A fault of ours. The log has it whole, the answer has nothing of it."""
    log.error("request_failed", path=masked_path(request.url.path), exc_info=error)
    # This answer is sent beside the layer that names the others.
    named = {"Request-Id": request.scope["visit"].id} if "visit" in request.scope else None
    detail = "Something went wrong here; it was logged. Ask again."
    return problem(500, "internal_error", detail, headers=named)


HANDLERS: dict[Any, Any] = {
    Refusal: answer_refusal,
    RequestValidationError: answer_invalid_body,
    HTTPException: answer_http,
    Exception: answer_failure,
}


def masked_path(path: str) -> str:
    """A path as logs may show it: pay links are secrets."""
    parts = path.split("/")
    if len(parts) > 2 and parts[1] == "pay":
        parts[2] = parts[2][:4] + "…"
    return "/".join(parts)

"""Which refusals an operation can answer: its own, and those that follow from what it takes."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from payment_service.web.catalogue import CODES, Code
from payment_service.web.problems import TITLES
from payment_service.web.reference.operation import Operation
from payment_service.web.reference.schemas import Schema, reference_to

WITH_A_KEY = (
    "missing_key",
    "invalid_key",
    "scope_missing",
    "too_many_bad_keys",
    "rate_limited",
    "too_many_at_once",
)
EVERY_CALL = (
    "http_error",
    "https_required",
    "headers_too_large",
    "request_timeout",
    "not_found",
    "internal_error",
    "database_busy",
    "database_read_only",
    "database_unreachable",
    "disk_full",
    "shutting_down",
    "overloaded",
    "took_too_long",
)
A_QUERY = ("invalid_request",)
A_BODY = (
    "malformed_json",
    "duplicate_field",
    "invalid_request",
    "body_too_large",
    "body_encoding",
)
NO_BODY = ("body_not_taken", "body_too_large")
A_KEY = ("idempotency_key", "idempotency_key_reused", "idempotency_key_in_use")
A_NAME = {
    "plan_id": "plan_not_found",
    "customer_id": "customer_not_found",
    "subscription_id": "subscription_not_found",
    "invoice_id": "invoice_not_found",
    "charge_id": "charge_not_found",
    "payment_id": "payment_not_found",
    "key_id": "key_not_found",
    "event_id": "event_not_found",
    "endpoint_id": "endpoint_not_found",
    "delivery_id": "delivery_not_found",
}
"""By the parameter in the path."""

MEMBERS: dict[str, Schema] = {
    "errors": {
        "type": "array",
        "description": "Each field or parameter that is wrong.",
        "items": {
            "type": "object",
            "properties": {
                "field": {"type": "string", "description": "Its path, as in `customer.name`."},
                "message": {"type": "string", "description": "What is wrong with it."},
            },
            "required": ["field", "message"],
        },
    },
    "id": {"type": "string", "description": "The thing that stands in the way."},
    "invoice_id": {"type": "string", "description": "The invoice that stands in the way."},
    "state": {"type": "string", "description": "The state that it is in."},
    "limit": {"type": "integer", "description": "The most that it may be, or the least."},
    "smallest": {"type": "integer", "description": "Rupiah that it may be at least."},
    "largest": {"type": "integer", "description": "Rupiah that it may be at most."},
    "balance": {"type": "integer", "description": "Rupiah that are owed to the customer."},
    "old_secret_until": {
        "type": "string",
        "format": "date-time",
        "description": "Until when the secret before this one signs too.",
    },
    "today": {"type": "string", "format": "date", "description": "What the clock shows."},
    "advance_to": {"type": "string", "format": "date", "description": "Where it goes."},
}
"""Further members of a problem; each code names its own."""


def codes_of(operation: Operation, names: Iterable[str], *, keyed: bool, body: bool) -> list[Code]:
    """In the order of the catalogue. `names` are the parameters in its path."""
    wanted = {*EVERY_CALL, *A_QUERY, *operation.codes}
    if operation.scope is not None:
        wanted.update(WITH_A_KEY)
    wanted.update(A_NAME[name] for name in names if name in A_NAME)
    if keyed:  # as all writes are, and no others
        wanted.update(A_KEY)
        wanted.update(A_BODY if body else NO_BODY)
    return [code for name, code in CODES.items() if name in wanted]


def problem_schema() -> Schema:
    """RFC 9457, with a code."""
    return {
        "type": "object",
        "description": "A refusal. What was asked for did not happen; only of `took_too_long` "
        "and `internal_error` this is not sure.",
        "properties": {
            "type": {"type": "string", "description": "Always `about:blank`."},
            "title": {"type": "string", "description": "The status in words."},
            "status": {"type": "integer", "description": "The HTTP status."},
            "code": {"type": "string", "description": "Stable, for programs."},
            "detail": {"type": "string", "description": "A sentence that says what to do."},
            **MEMBERS,
        },
        "required": ["type", "title", "status", "code", "detail"],
    }


def problem_example(code: Code) -> dict[str, object]:
    return {
        "type": "about:blank",
        "title": TITLES.get(code.status, "Error"),
        "status": code.status,
        "code": code.name,
        "detail": f"{code.meaning} {code.remedy}",
    }


def refused(codes: Iterable[Code]) -> dict[str, Schema]:
    """An answer for each status; one that is the same in most places is only named."""
    told: dict[str, Schema] = {}
    for status, group in groupby(sorted(codes, key=_status), key=_status):
        ones = tuple(group)
        shared = SHARED.get(status)
        told[str(status)] = (
            {"$ref": f"#/components/responses/{shared}"}
            if shared and ones == _shared(status)
            else answer_with(ones)
        )
    return told


def shared_answers() -> dict[str, Schema]:
    return {name: answer_with(_shared(status)) for status, name in SHARED.items()}


def _shared(status: int) -> tuple[Code, ...]:
    names = {*EVERY_CALL, *WITH_A_KEY, *A_BODY}
    return tuple(code for code in CODES.values() if code.name in names and code.status == status)


def _status(code: Code) -> int:
    return code.status


def answer_with(codes: Sequence[Code]) -> Schema:
    """The answer of one status, which any of these codes can come with."""
    status = codes[0].status
    answer: Schema = {
        "description": "\n".join(f"- `{code.name}`: {code.meaning}" for code in codes),
        "content": {
            "application/problem+json": {
                "schema": {
                    "allOf": [
                        reference_to("Problem"),
                        {
                            "type": "object",
                            "properties": {
                                "status": {"const": status},
                                "code": {"type": "string", "enum": [code.name for code in codes]},
                            },
                        },
                    ]
                },
                "examples": {
                    code.name: {"$ref": f"#/components/examples/{code.name}"} for code in codes
                },
            }
        },
    }
    headers = HEADERS.get(status)
    if headers:
        answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in headers}
    return answer


SHARED = {
    400: "Unreadable",
    401: "Unauthorized",
    403: "Forbidden",
    413: "TooLarge",
    415: "Packed",
    429: "TooMany",
    500: "Failed",
    503: "Unavailable",
}
"""Statuses whose answer is the same in most places."""

HEADERS: dict[int, tuple[str, ...]] = {
    401: ("WWW-Authenticate",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}
"""Which headers an answer of this status always carries."""

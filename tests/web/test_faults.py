"""What is wrong with a field is said in plain words, never in those of a library."""

import re
from typing import Any

import pytest

from tests.story import App
from tests.web.test_access import PLAN, SUBSCRIPTION, refused
from tests.web.test_bad_input import posts
from tests.web.test_idempotency import key_of

OF_A_LIBRARY = re.compile(
    r"should|valid |Value error|tuple|dictionary|validation|constrained|literal|\^|\[a-z|"
    r"instance|parse|greater than|less than|Extra|NoneType",
    re.IGNORECASE,
)
ENDPOINT = {"url": "https://bengkel.example.com/hooks"}
FAULTS: list[tuple[str, str, Any, str, str]] = [
    ("POST", "keys", {"name": "x", "scopes": []}, "scopes", "Name at least 1"),
    ("POST", "keys", {"name": "x", "scopes": ["root"]}, "scopes.0", "Send read, write or admin"),
    ("POST", "keys", {"name": "x", "expires_at": 5}, "expires_at", "Write an instant like"),
    ("POST", "keys", {"name": "x", "expires_at": "2027-01-01"}, "expires_at", "Write an instant"),
    ("POST", "plans", {**PLAN, "metadata": []}, "metadata", "Send an object"),
    ("POST", "plans", {**PLAN, "price": "1"}, "price", "Send a whole number"),
    ("POST", "plans", {**PLAN, "price": -1}, "price", "Send 0 or more"),
    ("POST", "plans", {**PLAN, "price": 10**13}, "price", "Send 1000000000000 or less"),
    ("POST", "plans", {**PLAN, "name": ""}, "name", "Write at least 1 character"),
    ("POST", "plans", {**PLAN, "name": "x" * 201}, "name", "Write at most 200 characters"),
    ("POST", "plans", {**PLAN, "name": " x"}, "name", "Write one line, without spaces around it"),
    ("POST", "plans", {**PLAN, "name": "a\nb"}, "name", "Write one line, without spaces around"),
    ("POST", "plans", {**PLAN, "name": "a\u202eb"}, "name", "Leave out the character U+202E"),
    ("POST", "plans", {**PLAN, "name": 5}, "name", "Send text"),
    ("POST", "plans", {**PLAN, "prise": 5}, "prise", "Unknown field"),
    ("POST", "plans", {**PLAN, "prices_ahead": {"3": "x"}}, "prices_ahead.3", "Send a whole"),
    ("POST", "plans", {**PLAN, "currency": "USD"}, "currency", "Send IDR"),
    ("POST", "plans", {"code": "x"}, "price", "Needed, and not there"),
    ("POST", "plans", [], "", "Send an object"),
    ("POST", "subscriptions", {**SUBSCRIPTION, "customer": 5}, "customer", "Send an object"),
    ("POST", "subscriptions", {**SUBSCRIPTION, "plan": "A B"}, "plan", "Write a code of small"),
    ("PATCH", "app", {"invoice_prefix": "a"}, "invoice_prefix", "Write 1 to 10 capital letters"),
    ("PATCH", "app", {"reminder_time": "9"}, "reminder_time", "Write a time like 09:00"),
    ("PATCH", "app", {"color": "blue"}, "color", "Write a colour like #27439b"),
    ("PATCH", "app", {"zone": "UTC"}, "zone", "Send Asia/Jakarta, "),
    ("PATCH", "app", {"reminder_days": 5}, "reminder_days", "Send a list"),
    ("PATCH", "app", {"reminder_days": [99]}, "reminder_days.0", "Send 60 or less"),
    ("PATCH", "app", {"reminder_days": [1] * 11}, "reminder_days", "Name at most 10"),
    ("PATCH", "app", {"seller": {"name": "x", "npwp": " x"}}, "seller.npwp", "Write one line"),
    ("POST", "invoices", {"customer": {"reference": "a"}, "lines": []}, "lines", "Name at least 1"),
    ("POST", "test/clock", {"advance_to": "tomorrow"}, "advance_to", "Write the date like"),
    ("POST", "test/clock", {"advance_to": "2027-02-30"}, "advance_to", "There is no such day"),
    ("POST", "webhook-endpoints", {**ENDPOINT, "types": ["x"]}, "types.0", "There is no such type"),
    ("POST", "webhook-endpoints", {**ENDPOINT, "types": []}, "types", "Name at least 1"),
]
QUERIES = [
    ("plans?limit=0", "limit", "Send 1 or more"),
    ("plans?limit=x", "limit", "Send a whole number"),
    ("plans?after=x", "after", "Send `next_after` of the page before"),
    ("plans?archived=x", "archived", "Send true or false"),
    ("plans?code=A%20B", "code", "Write a code of small letters"),
    ("invoices?subscription=x", "subscription", "Send an id like sub_"),
    ("payments?invoice=x", "invoice", "Send an id like inv_"),
    ("subscriptions?status=x", "status", "Name some of"),
    ("invoices?status=x", "status", "Send "),
    ("invoices?due_from=x", "due_from", "Write the date like 2026-11-22"),
    ("invoices?due_from=1999-01-01", "due_from", "The year is 2000 to 2199"),
    ("events?after=x", "after", "Send a whole number"),
    ("events?wait=99", "wait", "Send 25 or less"),
    ("subscriptions?customer=%20x", "customer", "Write one line, without spaces around it"),
]


@pytest.mark.parametrize(("method", "noun", "body", "field", "says"), FAULTS)
async def test_a_fault_of_a_body_is_said_plainly(
    app: App, method: str, noun: str, body: Any, field: str, says: str
) -> None:
    key = await key_of(app, ("read", "write", "admin"))
    answer = await app.asks(method, f"/v1/{noun}", body, authorization=f"Bearer {key}")
    assert refused(answer, 422, "invalid_request")
    for fault in answer.json["errors"]:
        assert not OF_A_LIBRARY.search(fault["message"]), fault
        assert not OF_A_LIBRARY.search(fault["field"]), fault
    told = {fault["field"]: fault["message"] for fault in answer.json["errors"]}
    assert told[field].startswith(says), told


@pytest.mark.parametrize(("asked", "field", "says"), QUERIES)
async def test_a_fault_of_a_query_is_said_plainly(
    app: App, asked: str, field: str, says: str
) -> None:
    answer = await app.asks("GET", f"/v1/{asked}")
    assert refused(answer, 422, "invalid_request")
    (fault,) = answer.json["errors"]
    assert fault["field"] == field
    assert fault["message"].startswith(says), fault
    assert not OF_A_LIBRARY.search(fault["message"]), fault


async def test_one_of_two_is_asked_for_plainly(app: App) -> None:
    path = f"/v1/webhook-endpoints/ep_{'0' * 26}/resend"
    answer = await app.asks("POST", path, {})
    assert answer.json["errors"] == [{"field": "", "message": "Send either since or failed"}]


UNKEPT = [
    (b'{"customer": {"reference": "a\\u0000b"}, "plan": "bulanan"}', "customer.reference", "NUL"),
    (b'{"customer": {"reference": "a"}, "plan": "\\u0000"}', "plan", "NUL"),
    (
        b'{"customer": {"reference": "a"}, "plan": "bulanan", "metadata": {"\\u0000": 1}}',
        "metadata",
        "NUL",
    ),
    (
        b'{"customer": {"reference": "a"}, "plan": "bulanan", "metadata": {"n": [1, 1e999]}}',
        "metadata.n.1",
        "too large",
    ),
    (
        b'{"customer": {"reference": "a", "name": "\\ud800"}, "plan": "bulanan"}',
        "customer.name",
        "half of a character",
    ),
]


@pytest.mark.parametrize(("body", "field", "says"), UNKEPT)
async def test_what_is_json_and_cannot_be_kept_is_named(
    app: App, body: bytes, field: str, says: str
) -> None:
    for headers in ({}, {"idempotency-key": "k-1"}):
        answer = await posts(app, "/v1/subscriptions", body, **headers)
        assert refused(answer, 422, "invalid_request")
        assert "JSON" not in answer.json["detail"]
        (fault,) = answer.json["errors"]
        assert fault["field"] == field
        assert says in fault["message"]

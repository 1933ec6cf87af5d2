"""The API takes only what it knows: parameters, fields, methods and addresses."""

from typing import Annotated

import msgspec
import pytest
from fastapi import Cookie

from payment_service.web.access import Reader, Writer
from payment_service.web.api.strict_route import StrictRoute
from tests.invariants import row_counts
from tests.story import App
from tests.web.test_access import PLAN, SUBSCRIPTION, refused
from tests.web.test_bad_input import posts


async def test_a_parameter_that_nobody_knows_is_named_with_those_that_are_known(app: App) -> None:
    answer = await app.asks("GET", "/v1/subscriptions?custommer=tenant-1&limit=5")
    assert refused(answer, 422, "invalid_request")
    assert answer.json["errors"] == [{"field": "custommer", "message": "Unknown parameter"}]
    assert "custommer" in answer.json["detail"]
    assert "customer" in answer.json["detail"]
    assert "limit" in answer.json["detail"]


async def test_every_address_of_the_api_refuses_an_unknown_parameter(
    app: App, database_url: str
) -> None:
    before = row_counts(database_url)
    for method, path, body in (
        ("GET", "/v1/plans?x", None),
        ("GET", "/v1/plans/plan_1?x=", None),
        ("POST", "/v1/plans?code=baru", PLAN),
        ("POST", "/v1/subscriptions?=", SUBSCRIPTION),
        ("POST", "/v1/subscriptions/sub_1/undo-cancel?x=1", None),
        ("GET", "/v1/customers/cus_1/credit?x=1", None),
        ("GET", "/v1/test/clock?limit=1", None),
    ):
        assert refused(await app.asks(method, path, body), 422, "invalid_request"), path
    assert row_counts(database_url) == before


async def test_a_parameter_given_twice_is_refused(app: App) -> None:
    answer = await app.asks("GET", "/v1/invoices?customer=a&customer=b")
    assert refused(answer, 422, "invalid_request")
    assert answer.json["errors"] == [{"field": "customer", "message": "Given twice"}]


@pytest.mark.parametrize("value", ["%ff", "a%00b", "%C3%28", "%ed%a0%80"])
async def test_a_parameter_that_is_no_text_is_refused(app: App, value: str) -> None:
    for path, name in (("/v1/subscriptions", "customer"), ("/v1/plans", "after")):
        answer = await app.asks("GET", f"{path}?limit=5&{name}={value}")
        assert refused(answer, 422, "invalid_request")
        (fault,) = answer.json["errors"]
        assert fault["field"] == name
        assert fault["message"] in ("Holds a NUL", "Write it in UTF-8")


@pytest.mark.parametrize(
    "headers",
    [
        {"content-encoding": "gzip"},
        {"content-encoding": "identity, br"},
        {"content-type": "application/json; charset=latin-1"},
        {"content-type": 'application/json; charset="UTF-16"'},
    ],
)
async def test_a_body_that_is_packed_or_in_another_charset_is_refused(
    app: App, database_url: str, headers: dict[str, str]
) -> None:
    before = row_counts(database_url)
    body = msgspec.json.encode(SUBSCRIPTION)
    assert refused(await posts(app, "/v1/subscriptions", body, **headers), 415, "body_encoding")
    assert row_counts(database_url) == before


async def test_a_body_in_utf_8_may_say_so(app: App) -> None:
    body = msgspec.json.encode(SUBSCRIPTION)
    for kind in ("application/json; charset=UTF-8", 'application/json;charset="utf8"'):
        named = {"content-type": kind, "content-encoding": "identity"}
        assert (await posts(app, "/v1/subscriptions", body, **named)).status in (200, 201)


async def test_a_field_given_twice_is_refused(app: App, database_url: str) -> None:
    before = row_counts(database_url)
    for body, field in (
        (b'{"customer": {"reference": "a"}, "plan": "bulanan", "plan": "tahunan"}', "plan"),
        (b'{"customer": {"reference": "a", "reference": "b"}, "plan": "bulanan"}', "reference"),
        (b'{"customer": {"reference": "a"}, "plan": "bulanan", "pl\\u0061n": "tahunan"}', "plan"),
        (
            b'{"customer": {"reference": "a"}, "plan": "bulanan", "metadata": [{"a": 1, "a": 1}]}',
            "a",
        ),
    ):
        answer = await posts(app, "/v1/subscriptions", body)
        assert refused(answer, 422, "duplicate_field"), body
        assert answer.json["field"] == field
    assert row_counts(database_url) == before


async def test_a_body_where_none_is_taken_is_refused(app: App) -> None:
    path = "/v1/subscriptions/sub_1/undo-cancel"
    for body in (b'{"reason": "x"}', b"{", b"\xff"):
        for headers in ({}, {"idempotency-key": "k-1"}):
            assert refused(await posts(app, path, body, **headers), 422, "body_not_taken")


async def test_no_address_has_a_slash_at_its_end(app: App) -> None:
    for path in ("/v1/plans/", "/v1/subscriptions/", "/pay/x/", app.notice_path + "/"):
        assert refused(await app.asks("GET", path), 404, "not_found"), path
        assert refused(await app.asks("POST", path, {}), 404, "not_found"), path


async def test_head_is_get_without_the_body(app: App) -> None:
    for path in ("/v1/plans?limit=2", "/v1/subscriptions", "/v1/test/clock"):
        whole, head = await app.asks("GET", path), await app.asks("HEAD", path)
        assert head.body == b""
        for name in ("Content-Type", "Content-Length"):
            assert head.headers[name] == whole.headers[name]
        assert head.status == whole.status == 200
    assert (await app.asks("HEAD", "/v1/plans/plan_1")).status == 404
    assert (await app.asks("HEAD", "/v1/plans?x=1")).status == 422


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/plans", "GET, HEAD, POST"),
        ("POST", "/v1/plans/plan_1", "GET, HEAD, PATCH"),
        ("HEAD", "/v1/invoices/inv_1/qris", "POST"),
        ("OPTIONS", "/v1/test/clock", "GET, HEAD, POST"),
        ("DELETE", "/pay/x", "GET, HEAD"),
    ],
)
async def test_a_wrong_method_hears_all_that_are_taken(
    app: App, method: str, path: str, allowed: str
) -> None:
    answer = await app.asks(method, path)
    assert answer.status == 405
    assert answer.headers["Allow"] == allowed


def test_a_write_that_takes_no_idempotency_key_does_not_come_up() -> None:
    async def deed(access: Writer) -> None: ...

    with pytest.raises(TypeError, match="Idempotency-Key"):
        StrictRoute("/v1/deeds", deed, methods=["DELETE"])
    StrictRoute("/v1/deeds", deed, methods=["GET"])


def test_a_handler_that_asks_for_what_routes_do_not_give_does_not_come_up() -> None:
    async def open_to_all() -> None: ...

    async def reads_cookies(access: Reader, crumb: Annotated[str, Cookie()]) -> None: ...

    for handler in (open_to_all, reads_cookies):
        with pytest.raises(TypeError, match="a handler takes an access"):
            StrictRoute("/v1/deeds", handler, methods=["GET"])

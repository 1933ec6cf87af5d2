"""What is refused, with which status and code; and that a refusal changes nothing."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from tests.invariants import row_counts
from tests.service import Answer
from tests.story import App
from tests.web.test_access import PLAN, SUBSCRIPTION, refused

JSON = {"content-type": "application/json"}


async def posts(app: App, path: str, body: Any, **headers: str) -> Answer:
    """The bytes as they are."""
    named = {"authorization": f"Bearer {app.api_key}", **JSON, **headers}
    return await app.service.ask("POST", path, data=body, headers=named)


async def test_a_price_is_a_whole_number(app: App, database_url: str) -> None:
    before = row_counts(database_url)
    for price in ("10.5", '"10000"', "true", "1e4", "10000.0", "null", "-1", "[]", "NaN"):
        body = f'{{"code": "baru", "name": "Baru", "months": 1, "price": {price}}}'
        answer = await posts(app, "/v1/plans", body)
        code = "malformed_json" if price == "NaN" else "invalid_request"
        assert refused(answer, 422, code), price
    assert row_counts(database_url) == before


BAD_PLANS: list[tuple[dict[str, Any], str]] = [
    ({"price": 499}, "price_below_limit"),
    ({"price": 10_000_001}, "price_above_limit"),
    ({"months": 0}, "plan_months"),
    ({"months": 37}, "plan_months"),
    ({"trial_days": 366}, "plan_trial_days"),
    ({"grace_days": 91}, "plan_grace_days"),
    ({"code": "Bulanan Baru"}, "plan_code"),
    ({"name": "   "}, "invalid_request"),
    ({"metadata": {"note": "x" * 4096}}, "metadata_too_large"),
    ({"features": {"note": "x" * 4096}}, "features_too_large"),
    ({"currency": "USD"}, "invalid_request"),
    ({"pricee": 1}, "invalid_request"),
    ({"name": None}, "invalid_request"),
    ({"name": "x" * 201}, "invalid_request"),
]


async def test_a_plan_outside_the_rules_is_refused(app: App, database_url: str) -> None:
    before = row_counts(database_url)
    for changes, code in BAD_PLANS:
        answer = await app.asks("POST", "/v1/plans", {**PLAN, **changes})
        assert refused(answer, 422, code), changes
    assert row_counts(database_url) == before


def nested(levels: int) -> dict[str, Any]:
    inner: Any = []
    for _ in range(levels - 2):
        inner = [inner]
    return {"a": inner}


async def test_what_is_kept_is_nested_so_deep_at_most_that_it_can_be_read(
    app: App, database_url: str
) -> None:
    before = row_counts(database_url)
    for levels in (21, 100, 900):
        deep = nested(levels)
        for path, body, code in (
            ("/v1/plans", {**PLAN, "features": deep}, "features_too_deep"),
            ("/v1/plans", {**PLAN, "metadata": deep}, "metadata_too_deep"),
            ("/v1/subscriptions", {**SUBSCRIPTION, "metadata": deep}, "metadata_too_deep"),
            (
                "/v1/subscriptions",
                {**SUBSCRIPTION, "customer": {"reference": "tenant-1", "metadata": deep}},
                "customer_metadata_too_deep",
            ),
        ):
            assert refused(await app.asks("POST", path, body), 422, code), (levels, code)
    assert row_counts(database_url) == before
    plan = {**PLAN, "code": "dalam", "features": nested(20), "metadata": nested(20)}
    assert (await app.asks("POST", "/v1/plans", plan)).status == 201
    bought = await app.asks("POST", "/v1/subscriptions", {**SUBSCRIPTION, "plan": "dalam"})
    assert bought.status == 201
    for path in ("/v1/plans", f"/v1/subscriptions/{bought.json['id']}"):
        assert (await app.asks("GET", path)).status == 200


async def test_a_plan_at_the_limits_is_taken(app: App) -> None:
    for place, price in enumerate((0, 500, 10_000_000)):
        body = {**PLAN, "code": f"batas-{place}", "price": price, "months": 36, "trial_days": 365}
        assert (await app.asks("POST", "/v1/plans", body)).status == 201


async def test_a_code_that_is_taken_is_refused(app: App, database_url: str) -> None:
    before = row_counts(database_url)
    answer = await app.asks("POST", "/v1/plans", {**PLAN, "code": "bulanan"})
    assert refused(answer, 409, "plan_code_taken")
    assert row_counts(database_url) == before


async def test_of_many_plans_with_one_code_at_once_one_is_made(app: App) -> None:
    answers = await asyncio.gather(*(app.asks("POST", "/v1/plans", PLAN) for _ in range(20)))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 19


async def test_a_tenant_that_subscribes_many_times_at_once_has_one_subscription(app: App) -> None:
    answers = await asyncio.gather(*(app.subscribes("tenant-1", "bulanan") for _ in range(20)))
    assert sorted(answer.status for answer in answers) == [200] * 19 + [201]
    assert len({answer.body for answer in answers}) == 1


BAD_SUBSCRIPTIONS: list[tuple[Any, str]] = [
    ({"plan": "bulanan"}, "invalid_request"),
    ({"customer": {"reference": "tenant-1"}}, "invalid_request"),
    ({**SUBSCRIPTION, "plan": "mingguan"}, "unknown_plan"),
    ({**SUBSCRIPTION, "price": 1}, "invalid_request"),
    ({**SUBSCRIPTION, "customer": {"reference": ""}}, "invalid_request"),
    ({**SUBSCRIPTION, "customer": {"reference": " x"}}, "invalid_request"),
    ({**SUBSCRIPTION, "customer": {"reference": "x" * 201}}, "invalid_request"),
    ({**SUBSCRIPTION, "customer": {"reference": 42}}, "invalid_request"),
    ({**SUBSCRIPTION, "return_url": "https://evil.example/"}, "return_url_not_allowed"),
    ({**SUBSCRIPTION, "metadata": {"note": "x" * 4096}}, "metadata_too_large"),
    ([], "invalid_request"),
    ("text", "invalid_request"),
]


async def test_a_subscription_outside_the_rules_is_refused(app: App, database_url: str) -> None:
    before = row_counts(database_url)
    for body, code in BAD_SUBSCRIPTIONS:
        assert refused(await app.asks("POST", "/v1/subscriptions", body), 422, code), body
    assert row_counts(database_url) == before


NOT_JSON = [
    b"{",
    b'{"plan": "bulanan",}',
    b"\xff\xfe",
    b'{"customer": {"reference": "a\xff"}, "plan": "bulanan"}',
    b'{"customer": {"reference": "a"}, "plan": "bulanan", "metadata": {"n": NaN}}',
    b"[" * 20_000,
]


async def test_what_is_not_json_that_can_be_kept_is_refused(app: App, database_url: str) -> None:
    before = row_counts(database_url)
    for body in NOT_JSON:
        for headers in ({}, {"idempotency-key": "k-1"}):
            answer = await posts(app, "/v1/subscriptions", body, **headers)
            assert refused(answer, 422, "malformed_json"), body[:99]
    assert row_counts(database_url) == before


async def test_text_of_every_script_is_kept_as_it_came(app: App) -> None:
    name = "Bengkel “Jaya” \\u0000 😀 東京"
    made = await app.asks(
        "POST",
        "/v1/subscriptions",
        {"customer": {"reference": "t-1", "name": name}, "plan": "bulanan"},
    )
    assert made.status == 201
    assert made.json["customer"]["name"] == name


async def test_a_nul_in_an_address_leads_nowhere(app: App) -> None:
    for path in (
        "/v1/plans/%00",
        "/v1/subscriptions/a%00b",
        "/v1/invoices/%00",
    ):
        assert refused(await app.asks("GET", path), 404, "not_found"), path
    page = await app.asks("GET", "/pay/%00")
    assert page.status == 404
    assert page.headers["Content-Type"].startswith("text/html")


async def test_a_body_over_64_kib_is_not_read(app: App, database_url: str) -> None:
    before = row_counts(database_url)
    too_much = b'{"x": "' + b"x" * 65_536 + b'"}'

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(too_much), 8192):
            yield too_much[start : start + 8192]

    for path in ("/v1/subscriptions", "/v1/plans", app.notice_path):
        assert refused(await posts(app, path, too_much), 413, "body_too_large")
        assert refused(await posts(app, path, in_pieces()), 413, "body_too_large")
    assert row_counts(database_url) == before


async def test_a_notice_over_8_kib_is_refused(app: App) -> None:
    body = b'{"order_id": "chg_1", "x": "' + b"x" * 8192 + b'"}'
    assert refused(await posts(app, app.notice_path, body), 413, "body_too_large")


async def test_what_is_not_there_is_a_problem_too(app: App) -> None:
    for path in ("/", "/v1", "/v1/nothing", "/static/nothing.css", "/pay", "/v1/plans/a/b"):
        assert refused(await app.asks("GET", path), 404, "not_found"), path


async def test_a_method_that_is_not_taken_says_which_are(app: App) -> None:
    for method, path, allowed in (
        ("DELETE", "/v1/plans", "GET, HEAD, POST"),
        ("PUT", "/v1/plans/plan_1", "GET, HEAD, PATCH"),
        ("GET", "/v1/invoices/inv_1/qris", "POST"),
        ("GET", app.notice_path, "POST"),
    ):
        answer = await app.asks(method, path)
        assert refused(answer, 405, "method_not_allowed"), path
        assert answer.headers["Allow"] == allowed


async def test_a_list_is_asked_for_within_limits(app: App) -> None:
    for query in ("limit=0", "limit=101", "limit=x", "after=" + "a" * 65):
        answer = await app.asks("GET", f"/v1/plans?{query}")
        assert refused(answer, 422, "invalid_request"), query


async def test_a_void_invoice_needs_no_code(app: App) -> None:
    made = (await app.subscribes("tenant-1", "bulanan")).json
    invoice_id = made["open_invoice"]["id"]
    await app.subscribes("tenant-1", "tahunan")
    answer = await app.asks("POST", f"/v1/invoices/{invoice_id}/qris")
    assert refused(answer, 409, "invoice_void")


async def test_a_field_that_is_wrong_is_named(app: App) -> None:
    answer = await app.asks("POST", "/v1/plans", {**PLAN, "price": "10000", "colour": "red"})
    assert {fault["field"] for fault in answer.json["errors"]} == {"price", "colour"}


async def test_a_notice_that_is_no_text_is_malformed_on_every_database(app: App) -> None:
    for body in (
        b'{"order_id":"a\\u0000b"}',
        b'{"order_id":"a","txn_id":"\\u0000"}',
        b'{"order_id":"\xed\xa0\x80"}',
    ):
        answer = await app.service.ask("POST", app.notice_path, data=body)
        assert (answer.status, answer.json["code"]) == (422, "malformed_notice"), body

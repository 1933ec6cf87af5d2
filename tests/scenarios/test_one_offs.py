"""Invoices of their own: for something else than a period, and moving no subscription."""

from typing import Any

import pytest

from tests.invariants import row_counts
from tests.story import Story, Tenant

BODY: dict[str, Any] = {
    "customer": {"reference": "tenant-42"},
    "lines": [
        {"description": "Pemasangan alat", "amount": 250_000},
        {"description": "Potongan", "amount": -50_000},
    ],
}


async def test_it_is_paid_like_any_other_and_only_its_payment_is_told(story: Story) -> None:
    tenant = await story.subscribe("tenant-42", "bulanan")
    await tenant.pays(await tenant.asks_for_code())
    before = await tenant.subscription()
    answer = await tenant.app.asks("POST", "/v1/invoices", {**BODY, "metadata": {"so": 7}})
    assert answer.status == 201, answer.body
    invoice = answer.json
    assert (invoice["kind"], invoice["total"], invoice["subscription_id"]) == (
        "one_off", 200_000, None,
    )  # fmt: skip
    assert (invoice["due_on"], invoice["metadata"]) == ("2026-02-07", {"so": 7})
    heard = len(await story.heard())
    page = await story.service.ask("GET", invoice["pay_url"])
    assert b"Pemasangan alat" in page.body
    assert b"Rp200.000" in page.body
    code = (await tenant.tries_for_code(invoice["id"])).json
    assert code["amount"] == 200_000
    await story.money_arrives(code["charge_id"])
    await story.service.rest()
    assert (await tenant.invoice(invoice["id"]))["status"] == "paid"
    assert await tenant.subscription() == before
    assert [event.type for event in (await story.heard())[heard:]] == ["invoice.paid"]


async def test_it_takes_no_credit(story: Story) -> None:
    tenant = await story.subscribe("tenant-42", "bulanan")
    code = await tenant.asks_for_code()
    owner = await story.admin()
    body = {"reference": "BCA 1", "note": "tunai"}
    await owner.asks("POST", f"/v1/invoices/{code.invoice_id}/mark-paid", body)
    await tenant.pays(code)  # a second time, so this money is credit
    customer = tenant.first_answer["customer"]["id"]
    credit = await owner.asks("GET", f"/v1/customers/{customer}/credit")
    assert credit.json["balance"] == 99_000
    answer = await tenant.app.asks("POST", "/v1/invoices", BODY)
    assert (answer.json["credit_applied"], answer.json["amount_due"]) == (0, 200_000)


async def test_a_tenant_who_never_subscribed_can_have_one(story: Story) -> None:
    app = await story.app()
    key = {"idempotency_key": "so-7"}
    answer = await app.asks("POST", "/v1/invoices", BODY, **key)
    assert answer.status == 201
    assert (await app.asks("POST", "/v1/invoices", BODY, **key)).body == answer.body
    listed = (await app.asks("GET", "/v1/invoices")).json["data"]
    assert [one["id"] for one in listed] == [answer.json["id"]]


async def test_who_is_not_known_yet_may_be_named(story: Story) -> None:
    app = await story.app()
    told = {"reference": "tenant-42", "name": "Siti", "phone": "0812", "email": "s@contoh.id"}
    answer = await app.asks("POST", "/v1/invoices", {**BODY, "customer": told})
    assert answer.status == 201, answer.body
    await app.asks("POST", "/v1/invoices", BODY)  # leaves what is known as it is
    customer = {"reference": "tenant-42"}
    made = await app.asks("POST", "/v1/subscriptions", {"customer": customer, "plan": "gratis"})
    assert made.json["customer"]["name"] == "Siti"


def with_lines(*amounts: Any) -> dict[str, Any]:
    return {**BODY, "lines": [{"description": "Jasa", "amount": amount} for amount in amounts]}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (with_lines(499), "total_outside_limits"),
        (with_lines(1_000, -600), "total_outside_limits"),
        (with_lines(9_000_000, 1_000_001), "total_outside_limits"),
        (with_lines(99_000.0), "invalid_request"),
        (with_lines(), "invalid_request"),
        (with_lines(*[1_000] * 51), "invalid_request"),
        ({**BODY, "lines": [{"description": " ", "amount": 1_000}]}, "invalid_request"),
        ({**BODY, "due_on": "2026-01-30"}, "due_on"),
        ({**BODY, "due_on": "2027-02-02"}, "due_on"),
        ({**BODY, "due_on": "2026-02-30"}, "invalid_request"),
        ({**BODY, "customer": {"reference": " "}}, "invalid_request"),
        ({**BODY, "customer": {"reference": "a", "nama": "Siti"}}, "invalid_request"),
        (
            {**BODY, "customer": {"reference": "a", "metadata": {"x": "y" * 5000}}},
            "customer_metadata_too_large",
        ),
        ({**BODY, "metadata": {"x": "y" * 5000}}, "metadata_too_large"),
    ],
    ids=lambda value: str(value)[-40:],
)
async def test_what_cannot_be_is_refused_and_changes_nothing(
    story: Story, database_url: str, body: dict[str, Any], code: str
) -> None:
    app = await story.app()
    before = row_counts(database_url)
    answer = await app.asks("POST", "/v1/invoices", body)
    assert (answer.status, answer.json["code"]) == (422, code)
    assert row_counts(database_url) == before


async def test_the_limit_is_named(story: Story) -> None:
    app = await story.app()
    answer = await app.asks("POST", "/v1/invoices", with_lines(10_000_001))
    assert "Rp10.000.000" in answer.json["detail"]
    assert answer.json["largest"] == 10_000_000


async def test_invoices_are_listed_by_customer_and_status(story: Story) -> None:
    tenant: Tenant = await story.subscribe("tenant-42", "bulanan")
    await story.subscribe("tenant-43", "bulanan")
    app = tenant.app
    await app.asks("POST", "/v1/invoices", BODY)
    await tenant.pays(await tenant.asks_for_code())

    async def kinds(query: str) -> list[str]:
        answer = await app.asks("GET", f"/v1/invoices?{query}")
        return [one["kind"] for one in answer.json["data"]]

    assert sorted(await kinds("")) == ["first", "first", "one_off"]
    assert sorted(await kinds("customer=tenant-42")) == ["first", "one_off"]
    assert await kinds("customer=tenant-42&status=open") == ["one_off"]
    assert await kinds("customer=tenant-42&status=void") == []
    assert await kinds("customer=nobody") == []
    page = (await app.asks("GET", "/v1/invoices?limit=2")).json
    assert page["has_more"]
    rest = (await app.asks("GET", f"/v1/invoices?after={page['next_after']}")).json
    assert len(rest["data"]) == 1
    assert sorted(await kinds("status=open")) == ["first", "one_off"]

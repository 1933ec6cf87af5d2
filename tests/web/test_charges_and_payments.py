"""Charges and payments as an app reads them, and that both show their invoice's metadata."""

from datetime import timedelta
from typing import Any

from tests.clocks import HandClock
from tests.story import App
from tests.web.test_access import refused

BODY: dict[str, Any] = {
    "customer": {"reference": "tenant-42"},
    "lines": [{"description": "Alat", "amount": 50_000}],
    "metadata": {"order": "A-118"},
}


async def test_a_charge_shows_its_code_only_while_it_can_be_paid(
    app: App, clock: HandClock
) -> None:
    invoice = (await app.asks("POST", "/v1/invoices", BODY)).json
    code = (await app.asks("POST", f"/v1/invoices/{invoice['id']}/qris")).json
    path = f"/v1/charges/{code['charge_id']}"
    told = (await app.asks("GET", path)).json
    assert told == {
        "id": code["charge_id"],
        "invoice_id": invoice["id"],
        "customer_id": invoice["customer_id"],
        "customer_reference": "tenant-42",
        "gateway": "simulator",
        "order_id": code["charge_id"],
        "status": "open",
        "amount": 50_000,
        "fee": code["fee"],
        "total": code["total"],
        "periods": 1,
        "qr_string": code["qr_string"],
        "expires_at": code["expires_at"],
        "completed_at": None,
        "payment_id": None,
        "metadata": {"order": "A-118"},
        "created_at": told["created_at"],
        "currency": "IDR",
    }
    clock.advance(timedelta(minutes=16))
    assert (await app.asks("GET", path)).json == {**told, "qr_string": None}


async def test_an_invoice_lists_its_charges_and_payments(app: App, clock: HandClock) -> None:
    invoice = (await app.asks("POST", "/v1/invoices", BODY)).json
    path = f"/v1/invoices/{invoice['id']}"
    first = (await app.asks("POST", f"{path}/qris")).json["charge_id"]
    clock.advance(timedelta(minutes=16))
    paid = await app.asks("POST", f"/v1/test/invoices/{invoice['id']}/pay")
    assert paid.status == 200
    charges = (await app.asks("GET", f"{path}/charges")).json["data"]
    assert [one["id"] for one in charges][1:] == [first]
    assert charges[0]["status"] == "paid"
    assert (await app.asks("GET", f"/v1/charges/{charges[0]['id']}")).json == charges[0]
    (payment,) = (await app.asks("GET", f"{path}/payments")).json["data"]
    assert (await app.asks("GET", f"/v1/payments/{payment['id']}")).json == payment
    assert (payment["outcome"], payment["credited"]) == ("settled", 0)
    listed = (await app.asks("GET", f"/v1/invoices?customer={BODY['customer']['reference']}")).json
    events = (await app.asks("GET", "/v1/events?types=invoice.issued,invoice.paid")).json["data"]
    for told in (paid.json, payment, *charges, *listed["data"], *(one["data"] for one in events)):
        assert told["customer_reference"] == "tenant-42"
    assert payment["metadata"] == {"order": "A-118"}
    assert charges[0]["payment_id"] == payment["id"]
    assert charges[0]["completed_at"] == payment["paid_at"]
    one = (await app.asks("GET", f"{path}/charges?limit=1")).json
    assert one["data"] == charges[:1]
    rest = (await app.asks("GET", f"{path}/charges?limit=1&after={one['next_after']}")).json
    assert (rest["data"], rest["has_more"]) == (charges[1:], False)


async def test_money_marked_by_hand_shows_its_invoices_metadata(app: App, owner: App) -> None:
    invoice = (await app.asks("POST", "/v1/invoices", BODY)).json
    mark = {"reference": "BCA 1", "note": "Transfer"}
    path = f"/v1/invoices/{invoice['id']}"
    told = (await owner.asks("POST", f"{path}/mark-paid", mark)).json
    assert told["metadata"] == {"order": "A-118"}
    await app.asks("PATCH", path, {"metadata": {"order": "A-119"}})
    read = (await app.asks("GET", f"/v1/payments/{told['id']}")).json
    assert read == {**told, "metadata": {"order": "A-119"}}


async def test_what_is_not_there_is_not_found(app: App) -> None:
    for noun, prefix in (("charge", "chg"), ("payment", "pay")):
        for written in (f"{prefix}_{'0' * 26}", f"{prefix}_1", "%C3%A9", "x" * 3000):
            answer = await app.asks("GET", f"/v1/{noun}s/{written}")
            assert refused(answer, 404, f"{noun}_not_found"), written
        assert (await app.asks("GET", f"/v1/{noun}s/%00")).status == 404

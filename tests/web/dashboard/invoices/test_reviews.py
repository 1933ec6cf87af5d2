"""Money that something is wrong with is decided on its page, once, with a reason."""

import asyncio
import re

from payment_service.model.credit import balance
from tests.clocks import HandClock
from tests.scenarios.renewals import pays_old
from tests.web.dashboard.invoices.conftest import Shop
from tests.web.dashboard.people import person


async def test_of_two_admins_who_decide_one_is_told_and_the_invoice_is_paid(
    shop: Shop, clock: HandClock
) -> None:
    tenant = await shop.tenant()
    payment = await shop.doubtful(tenant, 100_000)
    here = f"/dashboard/payments/{payment}"
    page = await shop.owner.browser.sees(here)
    assert "Diminta Rp99.000, datang Rp100.000." in page.text
    other = await person(shop.story.service, clock, "finance", "Siti")
    note = "Penyedia membulatkan"
    told = await asyncio.gather(
        shop.owner.browser.sends(f"{here}/settle", settle_note=note),
        other.browser.sends(f"{here}/credit", credit_note=note),
    )
    assert sorted(one.status for one in told) == [303, 409]
    (refused,) = [one for one in told if one.status == 409]
    assert "Admin lain sudah memutuskan uang ini." in refused.text
    assert "Sudah diputuskan." in refused.text
    first, deed = (
        ("Bagus", "Melunasi dengan uang yang diperiksa")
        if told[0].status == 303
        else ("Siti", "Menjadikan uang yang diperiksa kredit")
    )
    assert f"{first} baru saja: {deed}." in refused.text
    assert await tenant.status() == "active"
    page = await shop.owner.browser.sees(here)
    assert f"“{note}”" in page.text
    assert "Putuskan" not in page.text
    assert f"Sudah diputuskan. {first} , 31 Jan 2026, 10.00 WIB" in page.text
    assert f"{first} : {deed}" in page.text


async def test_a_reason_is_needed_and_a_refund_has_a_reference(shop: Shop) -> None:
    tenant = await shop.tenant()
    here = f"/dashboard/payments/{await shop.doubtful(tenant, 50_000)}"
    for deed, fields, says in (
        ("credit", {"credit_note": ""}, "Tulis alasannya"),
        ("dismiss", {"dismiss_note": "x" * 501}, "Tulis alasannya"),
        (
            "refund",
            {"refund_note": "salah", "reference": ""},
            "Tulis nomor bukti, 1 sampai 200 huruf.",
        ),
        ("settle", {"settle_note": "pas"}, "Jadikan kredit saja."),
        ("period", {"period_note": "mau"}, "Kreditnya tidak cukup untuk satu masa."),
    ):
        page = await shop.owner.browser.sends(f"{here}/{deed}", **fields)
        assert page.status in (409, 422), deed
        assert says in page.text, deed
    assert "Lunasi tagihan" not in page.text
    done = await shop.owner.browser.sends(
        f"{here}/refund", refund_note="Salah kirim", reference="BCA 9"
    )
    page = await shop.owner.browser.follows(done)
    assert "Pengembalian dicatat." in page.text
    assert "BCA 9" in page.text
    assert "Mengembalikan uang yang diperiksa" in page.text
    assert await tenant.status() == "pending"


async def test_money_for_a_paid_invoice_becomes_another_period(
    shop: Shop, clock: HandClock
) -> None:
    tenant = await shop.tenant()
    first = await tenant.asks_for_code()
    await shop.story.minutes_pass(16)
    second = await tenant.asks_for_code()
    await tenant.pays(second)
    await shop.story.the_gateway_books(first.order_id, 120_000)
    await pays_old(shop.story, tenant, first)
    answer = await tenant.app.asks("GET", "/v1/payments?outcome=needs_review")
    here = f"/dashboard/payments/{answer.json['data'][0]['id']}"
    before = await tenant.subscription()
    code = shop.owner.code(clock)
    assert (await shop.owner.browser.sends("/dashboard/step-up", code=code)).status == 303
    assert "Jadikan masa tambahan" in (await shop.owner.browser.sees(here)).text
    done = await shop.owner.browser.sends(f"{here}/period", period_note="Mau lanjut sebulan")
    assert "Uangnya menjadi masa tambahan." in (await shop.owner.browser.follows(done)).text
    after = await tenant.subscription()
    assert after["paid_through"] > before["paid_through"]
    customer = after["customer"]["id"]
    assert await shop.story.service.runtime.db.read(balance, customer) == 21_000


async def test_what_was_decided_is_looked_for_no_more(shop: Shop) -> None:
    tenant, other = await shop.tenant(), await shop.tenant("Bengkel Lain")
    decided = await shop.doubtful(tenant, 50_000)
    await shop.story.minutes_pass(1)
    open_still = await shop.doubtful(other, 70_000)
    here = f"/dashboard/payments/{decided}"
    done = await shop.owner.browser.sends(f"{here}/dismiss", dismiss_note="bukan uang")
    assert done.status == 303
    listed = "/dashboard/payments"
    for query, shown in (
        ("", {decided, open_still}),
        ("?outcome=needs_review", {open_still}),
        ("?outcome=reviewed", {decided}),
        (f"?outcome=reviewed&customer={tenant.first_answer['customer']['id']}", {decided}),
        (f"?outcome=needs_review&customer={tenant.first_answer['customer']['id']}", set()),
    ):
        page = await shop.owner.browser.sees(listed + query)
        assert set(re.findall(r'href="/dashboard/payments/(pay_\w+)"', page.html)) == shown, query
    customer = f"/dashboard/customers/{tenant.first_answer['customer']['id']}"
    page = await shop.owner.browser.sees(customer)
    assert "Perlu diperiksa" not in page.text
    assert "Diabaikan" in page.text
    file = (await shop.owner.browser.sends(f"{listed}.csv?outcome=needs_review")).html
    assert decided not in file
    assert open_still in file
    # What became of money when it came is never changed: so the API tells it.
    told = (await tenant.app.asks("GET", "/v1/payments?outcome=needs_review")).json["data"]
    assert {one["id"] for one in told} == {decided, open_still}

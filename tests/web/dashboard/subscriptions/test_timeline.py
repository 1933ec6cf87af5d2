"""The history on a subscription's page: what money and deeds changed, in words of their own."""

import re
from datetime import date

from tests.scenarios.renewals import pays_old, starts
from tests.story import Story
from tests.web.dashboard.people import Person
from tests.web.dashboard.subscriptions.desk import address, does


async def test_an_invoice_for_something_else_is_told_and_owed(story: Story, sari: Person) -> None:
    tenant = await starts(story)
    fields = {"description_1": "Pelatihan kasir", "amount_1": "150.000", "due_on": "2026-02-07"}
    assert (await does(sari, tenant, "one-off", **fields)).status == 303
    page = await sari.browser.sees(address(tenant))
    (issued,) = re.findall(r"Tagihan lain terbit,.*?</li>", page.html, re.S)
    assert "Rp150.000" in issued
    assert "Pelatihan kasir" in issued
    link = re.search(r'<a href="(/dashboard/invoices/inv_\w+)">BB-2026-000002</a>', issued)
    assert link
    assert (await sari.browser.sees(link[1])).status == 200
    assert "Tagihan lain BB-2026-000002 Rp150.000, jatuh tempo 7 Feb 2026" in page.text
    owner = await story.admin()
    paid = await owner.asks(
        "POST",
        f"/v1/invoices/{link[1].rpartition('/')[2]}/mark-paid",
        {"reference": "BCA 7", "note": "tunai"},
    )
    assert paid.status == 201, paid.body
    page = await sari.browser.sees(address(tenant))
    assert "Rp150.000 diterima, dicatat oleh admin" in page.text
    assert "jatuh tempo 7 Feb 2026 Pelanggan sejak" not in page.text


async def test_money_of_credit_is_told_where_it_pays(story: Story, sari: Person) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    first = await tenant.asks_for_code()
    await story.minutes_pass(16)
    await tenant.pays(await tenant.asks_for_code())
    await pays_old(story, tenant, first)
    await sari.signs_in(sari.browser, story.clock)
    await does(sari, tenant, "invoice")
    page = await sari.browser.sees(address(tenant))
    assert "Tagihan lunas dari kredit, Rp99.000" in page.text


async def test_each_change_is_told_by_what_it_changed(story: Story, sari: Person) -> None:
    tenant = await starts(story, on=date(2026, 2, 1))
    await sari.signs_in(sari.browser, story.clock)
    await does(sari, tenant, "extend")
    await does(sari, tenant, "pay-link")
    await does(sari, tenant, "cancel")
    await does(sari, tenant, "undo-cancel")
    await does(sari, tenant, "plan", "?plan=tahunan&at=renewal")
    page = await sari.browser.sees(address(tenant))
    for words in (
        "Hari terakhir menjadi 8 Maret 2026, semula 1 Maret 2026",
        "Tautan bayar diganti, yang lama tidak berlaku lagi",
        "Pembatalan diurungkan, diperpanjang seperti biasa",
        "Tagihan berikutnya memakai paket Tahunan, Rp990.000",
        "Bulanan → Tahunan",
    ):
        assert page.text.count(words) == 1, words
    assert "Langganan diubah" not in page.text
    await does(sari, tenant, "plan", "?plan=bulanan")
    page = await sari.browser.sees(address(tenant))
    assert "Perubahan yang ditunggu dibatalkan" in page.text


async def test_money_that_was_decided_needs_nobody_in_the_history(
    story: Story, sari: Person
) -> None:
    tenant = await story.subscribe("Bengkel Gani", "bulanan")
    code = await tenant.asks_for_code()
    await story.the_gateway_books(code.order_id, 120_000)
    await tenant.pays(code)
    page = await sari.browser.sees(address(tenant))
    assert page.text.count("Perlu diperiksa") == 1
    (payment,) = (await tenant.app.asks("GET", "/v1/payments")).json["data"]
    path = f"/dashboard/payments/{payment['id']}"
    await sari.browser.sends(f"{path}/settle", settle_note="cocok", invoice=code.invoice_id)
    page = await sari.browser.sees(address(tenant))
    assert "Perlu diperiksa" not in page.text
    assert "Melunasi tagihan" in page.text

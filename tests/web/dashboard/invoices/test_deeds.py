"""What is done to one invoice: marked paid, voided, given a code; and what is refused."""

import asyncio

from tests.clocks import HandClock
from tests.scenarios.renewals import pays_old
from tests.web.dashboard.invoices.conftest import Shop, open_invoice
from tests.web.dashboard.people import person


async def test_cash_marks_it_paid_once_and_the_second_admin_is_told(
    shop: Shop, clock: HandClock
) -> None:
    tenant = await shop.tenant()
    here = f"/dashboard/invoices/{open_invoice(tenant)}"
    page = await shop.owner.browser.sees(here)
    assert "Tandai lunas Rp99.000?" in page.text
    assert "Bengkel Jaya Motor" in page.text
    other = await person(shop.story.service, clock, "finance", "Siti")
    fields = {"paid_on": "", "note": "Tunai di toko"}
    told = await asyncio.gather(
        shop.owner.browser.sends(f"{here}/mark-paid", reference="nota 1", **fields),
        other.browser.sends(f"{here}/mark-paid", reference="nota 2", **fields),
    )
    assert sorted(one.status for one in told) == [303, 409]
    (refused,) = [one for one in told if one.status == 409]
    assert "Tagihan ini sudah lunas." in refused.text
    assert await tenant.status() == "active"
    page = await shop.owner.browser.sees(here)
    assert "Tunai atau transfer" in page.text
    assert "Menandai lunas" in page.text


async def test_what_cannot_be_is_told_at_its_field_and_changes_nothing(shop: Shop) -> None:
    tenant = await shop.tenant()
    here = f"/dashboard/invoices/{open_invoice(tenant)}"
    good = {"reference": "nota 1", "paid_on": "", "note": "Tunai"}
    for wrong, says in (
        ({"reference": " "}, "Tulis nomor bukti, 1 sampai 200 huruf."),
        ({"reference": "x" * 10_000}, "Tulis nomor bukti, 1 sampai 200 huruf."),
        ({"paid_on": "besok"}, "Pilih tanggal dari terbitnya tagihan sampai hari ini."),
        ({"paid_on": "2099-01-01"}, "Pilih tanggal dari terbitnya tagihan sampai hari ini."),
        ({"note": ""}, "Tulis bagaimana uangnya datang, 1 sampai 500 huruf."),
        ({"note": "x" * 501}, "Tulis bagaimana uangnya datang, 1 sampai 500 huruf."),
    ):
        page = await shop.owner.browser.sends(f"{here}/mark-paid", **{**good, **wrong})
        assert page.status == 422
        assert says in page.text, wrong
    page = await shop.owner.browser.sends(f"{here}/void", reason="")
    assert page.status == 422
    assert await tenant.status() == "pending"
    assert (await shop.owner.browser.sees("/dashboard/invoices/inv_nothing")).status == 404


async def test_voiding_expires_a_pending_subscription_and_is_done_once(shop: Shop) -> None:
    tenant = await shop.tenant()
    here = f"/dashboard/invoices/{open_invoice(tenant)}"
    done = await shop.owner.browser.sends(f"{here}/void", reason="Salah pesan")
    page = await shop.owner.browser.follows(done)
    assert "BB-2026-000001 dibatalkan." in page.text
    assert "Dibatalkan oleh admin." in page.text
    assert await tenant.status() == "expired"
    again = await shop.owner.browser.sends(f"{here}/void", reason="Salah pesan")
    assert again.status == 409
    assert "Tagihan ini sudah dibatalkan." in again.text


async def test_a_code_is_made_when_it_is_asked_for_and_its_fate_is_told(shop: Shop) -> None:
    tenant = await shop.tenant()
    here = f"/dashboard/invoices/{open_invoice(tenant)}"
    done = await shop.owner.browser.sends(f"{here}/code")
    page = await shop.owner.browser.follows(done)
    assert "Kode QRIS Rp99.000 siap di halaman bayar." in page.text
    assert "Kode 1 Bisa dibayar sekarang" in page.text
    code = await tenant.asks_for_code()
    await shop.story.minutes_pass(16)
    page = await shop.owner.browser.sees(here)
    assert "Kode 1 Tidak pernah dibayar" in page.text
    await shop.owner.browser.sends(f"{here}/code")
    await pays_old(shop.story, tenant, code)
    page = await shop.owner.browser.sees(here)
    assert "Kode 1 Dibayar setelah lewat, tetap melunasi" in page.text
    refused = await shop.owner.browser.sends(f"{here}/code")
    assert refused.status == 409
    assert "Tagihan ini sudah lunas." in refused.text


async def test_names_of_every_kind_stay_names(shop: Shop) -> None:
    name = "<script>alert(1)</script> شركة 🛠️ {{ 7*7 }}"
    tenant = await shop.tenant(name)
    invoice = open_invoice(tenant)
    for path in ("", f"/{invoice}", f"/{invoice}/print"):
        page = await shop.owner.browser.sees(f"/dashboard/invoices{path}")
        assert name in page.text, path
        assert "<script>alert" not in page.html
    pdf = await shop.owner.browser.sees(f"/dashboard/invoices/{invoice}/pdf")
    assert pdf.answer.body.startswith(b"%PDF-")

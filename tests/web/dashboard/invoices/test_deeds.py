"""What is done to one invoice: marked paid, voided, given a code; and what is refused."""

import asyncio
from datetime import timedelta

from tests.clocks import HandClock
from tests.scenarios.renewals import pays_old
from tests.web.dashboard.invoices.conftest import Shop, open_invoice
from tests.web.dashboard.people import person


async def test_cash_marks_it_paid_once_and_the_second_admin_is_told(
    shop: Shop, clock: HandClock
) -> None:
    tenant = await shop.tenant()
    here = f"/dashboard/invoices/{open_invoice(tenant)}"
    assert f'href="{here}/mark-paid"' in (await shop.owner.browser.sees(here)).html
    path = f"{here}/mark-paid"
    page = await shop.owner.browser.sees(path)
    assert "Tandai BB-2026-000001 lunas, Rp99.000?" in page.text
    assert "Bengkel Jaya Motor" in page.text
    assert "Dibayar sampai 28 Februari 2026" in page.text
    other = await person(shop.story.service, clock, "finance", "Siti")
    seen = (await other.browser.sees(path)).fields(path)
    told = await asyncio.gather(
        shop.owner.browser.sends(
            path, **{**page.fields(path), "reference": "nota 1", "reason": "Tunai di toko"}
        ),
        other.browser.sends(path, **{**seen, "reference": "nota 2", "reason": "Tunai di toko"}),
    )
    assert sorted(one.status for one in told) == [303, 409]
    first = "Bagus" if told[0].status == 303 else "Siti"
    (refused,) = [one for one in told if one.status == 409]
    assert "Tagihan ini sudah lunas." in refused.text
    assert f"{first} baru saja: Menandai lunas." in refused.text
    assert await tenant.status() == "active"
    page = await shop.owner.browser.sees(here)
    assert "Tunai atau transfer" in page.text
    assert f"{first} : Menandai lunas" in page.text
    clock.advance(timedelta(minutes=100))
    await shop.owner.signs_in(shop.owner.browser, clock)
    page = await shop.owner.browser.sees(path)
    who = "Anda sendiri" if first == "Bagus" else first
    assert f"{who}, 2 jam lalu: Menandai lunas." in page.text


async def test_what_was_done_to_an_invoice_is_told_with_who_did_it(
    shop: Shop, clock: HandClock
) -> None:
    tenant = await shop.tenant()
    here = f"/dashboard/invoices/{open_invoice(tenant)}"
    siti = await person(shop.story.service, clock, "finance", "Siti Rahma")
    path = f"{here}/mark-paid"
    hidden = (await siti.browser.sees(path)).fields(path)
    await siti.browser.sends(path, **hidden, reference="nota 1", reason="Tunai")
    refused = await shop.owner.browser.sends(f"{here}/void", reason="Salah pesan")
    assert refused.status == 409
    assert "Tagihan ini sudah lunas." in refused.text
    assert "Siti Rahma baru saja: Menandai lunas." in refused.text
    (payment,) = (await tenant.app.asks("GET", "/v1/payments")).json["data"]
    page = await shop.owner.browser.sees(f"/dashboard/payments/{payment['id']}")
    assert "Siti Rahma : Menandai lunas" in page.text


async def test_what_is_owed_is_what_was_seen(shop: Shop) -> None:
    tenant = await shop.tenant()
    path = f"/dashboard/invoices/{open_invoice(tenant)}/mark-paid"
    hidden = (await shop.owner.browser.sees(path)).fields(path)
    for other in ({"amount": "98000"}, {"seq": "7"}):
        page = await shop.owner.browser.sends(
            path, **{**hidden, **other, "reference": "nota 1", "reason": "Tunai"}
        )
        assert page.status == 409
        assert "sudah berubah sementara Anda mengisi" in page.text
    assert await tenant.status() == "pending"


async def test_a_used_reference_names_the_first_payment(shop: Shop) -> None:
    first, second = await shop.tenant("Satu"), await shop.tenant("Dua")
    for tenant, status in ((first, 303), (second, 409)):
        path = f"/dashboard/invoices/{open_invoice(tenant)}/mark-paid"
        hidden = (await shop.owner.browser.sees(path)).fields(path)
        page = await shop.owner.browser.sends(path, **hidden, reference="BCA 1", reason="Tunai")
        assert page.status == status
    assert "sudah dipakai untuk pembayaran BB-2026-000001 ." in page.text
    (payment,) = (await first.app.asks("GET", "/v1/payments")).json["data"]
    assert f'href="/dashboard/payments/{payment["id"]}"' in page.html
    assert "baru saja" not in page.text
    assert page.value("reference") == "BCA 1"


async def test_what_cannot_be_is_told_at_its_field_and_changes_nothing(shop: Shop) -> None:
    tenant = await shop.tenant()
    here = f"/dashboard/invoices/{open_invoice(tenant)}"
    path = f"{here}/mark-paid"
    hidden = (await shop.owner.browser.sees(path)).fields(path)
    good = {**hidden, "reference": "nota 1", "reason": "Tunai"}
    for wrong, says in (
        ({"reference": " "}, "Tulis nomor bukti, 1 sampai 200 huruf."),
        ({"reference": "x" * 10_000}, "Tulis nomor bukti, 1 sampai 200 huruf."),
        ({"paid_on": "besok"}, "Pilih tanggal dari terbitnya tagihan sampai hari ini."),
        ({"paid_on": "2099-01-01"}, "Pilih tanggal dari terbitnya tagihan sampai hari ini."),
        ({"reason": ""}, "Tulis bagaimana uangnya datang, 1 sampai 500 huruf."),
        ({"reason": "x" * 501}, "Tulis bagaimana uangnya datang, 1 sampai 500 huruf."),
    ):
        page = await shop.owner.browser.sends(path, **{**good, **wrong})
        assert page.status == 422
        assert says in page.text, wrong
    page = await shop.owner.browser.sends(f"{here}/void", reason="")
    assert page.status == 422
    assert await tenant.status() == "pending"
    for nothing in ("/dashboard/invoices/inv_nothing", "/dashboard/invoices/inv_nothing/mark-paid"):
        assert (await shop.owner.browser.sees(nothing)).status == 404


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

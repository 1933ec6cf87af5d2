"""Invoices and receipts on paper: what stands on them, as a page and as PDF, for whom."""

import re
import zlib
from base64 import a85decode
from io import BytesIO

import msgspec
import pytest
from PIL import Image

from payment_service.kit.statements import Transaction, save
from payment_service.model.app import APP, Seller
from payment_service.model.invoice import INVOICE, Invoice
from tests.web.dashboard.invoices.conftest import Shop, open_invoice
from tests.web.dashboard.people import Browser


async def test_an_open_invoice_has_its_pay_link_and_its_code(shop: Shop) -> None:
    tenant = await shop.tenant()
    await sold_by(shop, tenant.app.id)
    tenant = await shop.tenant("Bengkel Dua Saudara")
    here = f"/dashboard/invoices/{open_invoice(tenant)}"
    page = await shop.owner.browser.sees(f"{here}/print")
    token = (await invoice_of(shop, open_invoice(tenant))).pay_token
    for words in (
        "Tagihan",
        "PT Bengkel Digital Nusantara",
        "Kebumen",
        "NPWP 01.234.567.8-524.000",
        "Bengkel Dua Saudara",
        "sembilan puluh sembilan ribu rupiah",
        f"/pay/{token}",
        "Terima kasih",
    ):
        assert words in page.text, words
    assert "<svg shape-rendering" in page.html
    assert "LUNAS" not in page.text
    english = await shop.owner.browser.sees(f"{here}/print?lang=en")
    assert "ninety-nine thousand rupiah" in english.text
    assert "Invoice number" in english.text
    pdf = await shop.owner.browser.sees(f"{here}/pdf")
    assert pdf.answer.headers["Content-Type"] == "application/pdf"
    assert pdf.answer.headers["Content-Disposition"].endswith('Tagihan-BB-2026-000002.pdf"')
    assert len(pdf.answer.body) < 40_000


async def test_a_payer_has_the_receipt_behind_the_token_and_it_names_no_phone(
    shop: Shop, browser_of_nobody: Browser
) -> None:
    tenant = await shop.tenant()
    phone = {"phone": "0813-9077-2210", "email": "dua@saudara.id"}
    customer = tenant.first_answer["customer"]["id"]
    assert (await tenant.app.asks("PATCH", f"/v1/customers/{customer}", phone)).status == 200
    invoice = await invoice_of(shop, open_invoice(tenant))
    receipt = f"/pay/{invoice.pay_token}/receipt"
    page = await browser_of_nobody.sees(receipt)
    assert page.leads_to == f"/pay/{invoice.pay_token}"
    assert (await browser_of_nobody.sees(f"{receipt}.pdf")).status == 404
    code = await tenant.asks_for_code()
    await tenant.pays(code)
    page = await browser_of_nobody.sees(receipt)
    reference = (await shop.story.pakasir.code(code.order_id)).reference
    for words in ("Kuitansi", "LUNAS", f"{invoice.number}-K", reference, receipt):
        assert words in page.text + page.html, words
    # Its end by itself, or with more of it: alone, the four digits may stand in a token by chance.
    assert not re.search(r"\b2210\b|772210", page.html)
    assert "saudara.id" not in page.html
    assert page.answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    pdf = await browser_of_nobody.sees(f"{receipt}.pdf?lang=en")
    assert pdf.answer.body.startswith(b"%PDF-")
    assert f"Receipt-{invoice.number}-K.pdf" in pdf.answer.headers["Content-Disposition"]
    own = (await tenant.subscription())["pay_url"].rpartition("/")[2]
    assert (await browser_of_nobody.sees(f"/pay/{own}/receipt")).status == 200
    assert (await browser_of_nobody.sees("/pay/nothing/receipt")).status == 404
    assert (await browser_of_nobody.sees("/pay/nothing/receipt.pdf")).status == 404
    owner = await shop.owner.browser.sees(f"/dashboard/invoices/{invoice.id}/print")
    assert "0813-9077-2210" in owner.text


@pytest.mark.parametrize("name", ["🔧🚗 Bengkel", "自転車修理店", "ورشة محمد", "Мастерская"])
async def test_a_name_in_any_script_is_the_same_on_the_pdf(shop: Shop, name: str) -> None:
    tenant = await shop.tenant()
    customer = tenant.first_answer["customer"]["id"]
    changed = await tenant.app.asks("PATCH", f"/v1/customers/{customer}", {"name": name})
    assert changed.status == 200
    pdf = await shop.owner.browser.sees(f"/dashboard/invoices/{open_invoice(tenant)}/pdf")
    drawn = drawing(pdf.answer.body)
    assert name.encode("utf-16-be").hex() in drawn
    assert "(?" not in drawn


async def test_letters_that_no_font_has_leave_the_reference_beside_the_name(shop: Shop) -> None:
    tenant = await shop.tenant()
    customer = tenant.first_answer["customer"]
    named = {"name": "Warung ꦄꦏ꧀ꦱꦫ"}
    path = f"/v1/customers/{customer['id']}"
    assert (await tenant.app.asks("PATCH", path, named)).status == 200
    pdf = await shop.owner.browser.sees(f"/dashboard/invoices/{open_invoice(tenant)}/pdf")
    beside = f"({customer['reference']})"
    assert beside.encode("utf-16-be").hex() in drawing(pdf.answer.body)


async def test_a_paper_bears_the_logo_of_its_app(shop: Shop) -> None:
    tenant = await shop.tenant()
    here = f"/dashboard/invoices/{open_invoice(tenant)}"
    bare = await shop.owner.browser.sees(f"{here}/print")
    assert 'class="monogram"' in bare.html
    assert b"/Subtype /Image" not in (await shop.owner.browser.sees(f"{here}/pdf")).answer.body
    picture = BytesIO()
    Image.new("RGB", (80, 40), "red").save(picture, "PNG")
    look = f"/dashboard/apps/{tenant.app.id}/look"
    form = (await shop.owner.browser.sees(look)).fields(f"{look}/logo")
    sent = await shop.owner.browser.uploads(
        f"{look}/logo", "logo", picture.getvalue(), version=form["version"]
    )
    assert sent.leads_to.startswith(look)
    page = await shop.owner.browser.sees(f"{here}/print")
    assert re.search(
        r'<img class="logo" src="/brand/[^"]+\.webp" alt="" width="72" height="36"', page.html
    )
    assert 'class="monogram"' not in page.html
    assert b"/Subtype /Image" in (await shop.owner.browser.sees(f"{here}/pdf")).answer.body


async def test_a_paper_of_a_test_app_says_so_across_the_sheet(shop: Shop) -> None:
    tenant = await shop.tenant()
    pdf = await shop.owner.browser.sees(f"/dashboard/invoices/{open_invoice(tenant)}/pdf")
    drawn = drawing(pdf.answer.body)
    assert "Uji coba, bukan uang sungguhan" in drawn
    assert "[3 2] 0 d" in drawn


async def test_the_receipt_names_the_fee_that_the_code_asked_on_top(
    shop: Shop, browser_of_nobody: Browser
) -> None:
    tenant = await shop.tenant()
    await tenant.pays(await tenant.asks_for_code())
    invoice = await invoice_of(shop, open_invoice(tenant))
    page = await browser_of_nobody.sees(f"/pay/{invoice.pay_token}/receipt")
    assert "Rp99.000" in page.text
    assert "Biaya QRIS Rp1.003, didebit seluruhnya Rp100.003" in page.text


async def test_fifty_long_lines_go_on_over_several_pages(shop: Shop) -> None:
    tenant = await shop.tenant()
    admin = await shop.story.admin()
    lines = [{"description": "Jasa las pagar" + " dan kanopi" * 8, "amount": 1_000}] * 50
    body = {"customer": {"reference": tenant.first_answer["customer"]["reference"]}, "lines": lines}
    issued = await admin.asks("POST", "/v1/invoices", body)
    assert issued.status == 201
    pdf = await shop.owner.browser.sees(f"/dashboard/invoices/{issued.json['id']}/pdf")
    assert len(re.findall(rb"/Type /Page\b", pdf.answer.body)) == 4


def drawing(pdf: bytes) -> str:
    """The commands of all its pages."""
    streams = re.findall(rb"stream\r?\n(.*?)~>", pdf, re.S)
    return "".join(zlib.decompress(a85decode(one.strip())).decode("latin-1") for one in streams)


async def invoice_of(shop: Shop, invoice_id: str) -> Invoice:
    found = await shop.story.service.runtime.db.read(lambda tx: tx.one(INVOICE, id=invoice_id))
    assert found is not None
    return found


async def sold_by(shop: Shop, app_id: str) -> None:
    seller = Seller(
        "PT Bengkel Digital Nusantara", "Kebumen, Jawa Tengah", "01.234.567.8-524.000",
        "Terima kasih",
    )  # fmt: skip

    def unit(tx: Transaction) -> None:
        app = tx.one(APP, id=app_id)
        assert app is not None
        save(tx, app, msgspec.structs.replace(app, seller=seller))

    await shop.story.service.runtime.db.write(unit)

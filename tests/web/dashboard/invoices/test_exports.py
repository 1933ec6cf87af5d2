"""Any list comes as a CSV file: to whom, how written down, one at a time, and safe to open."""

import csv
from datetime import timedelta
from io import StringIO

from payment_service.actions.export_list import COLUMNS
from payment_service.kit.calendar import local_date
from payment_service.web.dashboard.invoices.exports import ROWS, headings
from payment_service.web.pages.dates import month_and_year
from tests.clocks import HandClock
from tests.web.dashboard.invoices.conftest import Shop
from tests.web.dashboard.people import Page, person

LISTS = ("subscriptions", "customers", "invoices", "payments", "plans", "webhooks")


def table(page: Page, separator: str = ",") -> list[list[str]]:
    text = page.answer.body.decode("utf-8-sig")
    return list(csv.reader(StringIO(text, newline=""), delimiter=separator))


async def test_every_list_is_a_file_with_its_filters_and_leaves_a_trace(
    shop: Shop, clock: HandClock
) -> None:
    tenant = await shop.tenant("=HYPERLINK(1)")
    await tenant.pays(await tenant.asks_for_code())
    await shop.tenant("Bengkel Hadi")
    for name in LISTS:
        shown = await shop.owner.browser.sees(f"/dashboard/{name}.csv")
        assert "dicatat di jejak audit" in shown.text
        page = await shop.owner.browser.sends(f"/dashboard/{name}.csv", separator=";")
        assert page.answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        rows = table(page, ";")
        assert name in ("plans", "webhooks") or len(rows) == (2 if name == "payments" else 3), name
        assert name == "plans" or any("'=HYPERLINK(1)" in row for row in rows), name
        assert "Keadaan" in rows[0] or name in ("payments", "plans")
    path = "/dashboard/invoices.csv?status=open&customer=Bengkel+Hadi"
    (_, only) = table(await shop.owner.browser.sends(path))
    assert "Bengkel Hadi" in only
    shown = await shop.owner.browser.sees("/dashboard/audit.csv?what=plan")
    assert "Unduh Jejak audit sebagai CSV" in shown.text
    (titles,) = table(await shop.owner.browser.sends("/dashboard/audit.csv?what=plan"))
    assert "hash" in titles
    for query, count in (("?due=7", 0), ("?due=30", 1), ("?status=active,grace", 1), ("?due=x", 2)):
        page = await shop.owner.browser.sends(f"/dashboard/subscriptions.csv{query}")
        assert len(table(page)) == count + 1, query
    log = await shop.owner.browser.sees("/dashboard/audit?what=list")
    assert log.text.count("Mengunduh daftar") == len(LISTS) + 6, log.text
    assert "Bengkel Hadi" in log.text
    clock.advance(timedelta(minutes=6))
    page = await shop.owner.browser.sends("/dashboard/invoices.csv")
    assert page.leads_to.startswith("/dashboard/step-up?next=%2Fdashboard%2Finvoices.csv")


async def test_a_file_speaks_the_words_of_its_reader_and_ends_with_those_of_programs(
    shop: Shop,
) -> None:
    tenant = await shop.tenant("Bengkel Hadi")
    await tenant.pays(await tenant.asks_for_code())
    said = {name: await first_line(shop, name) for name in LISTS}
    invoice = said["invoices"]
    assert (invoice["Nama"], invoice["Aplikasi"]) == ("Bengkel Hadi", "BukuBengkel")
    assert (invoice["Paket"], invoice["Kode paket"]) == ("Bulanan", "bulanan")
    assert (invoice["Jenis tagihan"], invoice["Kode jenis tagihan"]) == ("Tagihan pertama", "first")
    assert (invoice["Keadaan"], invoice["Kode keadaan"]) == ("Lunas", "paid")
    assert invoice["Id aplikasi"].startswith("app_")
    payment = said["payments"]
    assert (payment["Hasil"], payment["Lewat"]) == ("Masuk", "QRIS")
    assert (payment["Uang uji coba"], payment["Kode hasil"]) == ("ya", "settled")
    assert said["subscriptions"]["Berhenti di akhir masa"] == "tidak"
    assert said["customers"]["Rujukan"] == tenant.first_answer["customer"]["reference"]
    assert "Nomor bukti" not in said["customers"]
    plans = table(await shop.owner.browser.sends("/dashboard/plans.csv"))
    assert "bulanan" in [row[plans[0].index("Kode paket")] for row in plans[1:]]
    delivery = said["webhooks"]
    assert (delivery["Nama"], delivery["Aplikasi"]) == ("Bengkel Hadi", "BukuBengkel")
    assert delivery["Alamat webhook"].startswith("http")
    only = table(await shop.owner.browser.sends("/dashboard/webhooks.csv?type=invoice.paid"))
    assert {row[only[0].index("Jenis")] for row in only[1:]} == {"invoice.paid"}


async def test_a_month_is_a_file_of_its_own(shop: Shop, clock: HandClock) -> None:
    tenant = await shop.tenant("Bengkel Februari")
    await tenant.pays(await tenant.asks_for_code())
    today = local_date(clock.now(), "Asia/Jakarta")
    month = f"{today:%Y-%m}"
    await shop.story.it_becomes((clock.now() + timedelta(days=45)).date())
    later = await shop.tenant("Bengkel Maret")
    await later.pays(await later.asks_for_code())
    browser = (await person(shop.story.service, clock, "owner", "Sari")).browser
    for name, days in (("invoices", "issued"), ("payments", "paid")):
        rows = table(await browser.sends(f"/dashboard/{name}.csv?days={month}"))
        assert [row[rows[0].index("Nama")] for row in rows[1:]] == ["Bengkel Februari"], name
        own = f"{days}_from={month}-01&{days}_to={today}"
        assert table(await browser.sends(f"/dashboard/{name}.csv?{own}")) == rows
        page = await browser.sees(f"/dashboard/{name}?days={month}")
        assert "Bengkel Februari" in page.text
        assert "Bengkel Maret" not in page.text
        shown = await browser.sees(f"/dashboard/{name}.csv?days={month}")
        assert f"Waktu {month_and_year(today, 'id')}".replace("\xa0", " ") in shown.text


async def first_line(shop: Shop, name: str) -> dict[str, str]:
    rows = table(await shop.owner.browser.sends(f"/dashboard/{name}.csv"))
    return dict(zip(rows[0], rows[1], strict=True))


async def test_one_file_at_a_time(shop: Shop) -> None:
    exporting = shop.story.service.web.state.exporting
    exporting.add("another")
    page = await shop.owner.browser.sends("/dashboard/customers.csv")
    assert page.status == 409
    assert "Satu berkas lain sedang dibuat." in page.text
    exporting.clear()
    assert (await shop.owner.browser.sends("/dashboard/customers.csv")).status == 200
    assert exporting == set()


async def test_a_viewer_downloads_nothing(shop: Shop, clock: HandClock) -> None:
    viewer = await person(shop.story.service, clock, "viewer", "Dewi")
    for name in LISTS:
        assert (await viewer.browser.sends(f"/dashboard/{name}.csv")).status == 403
        assert (await viewer.browser.sees(f"/dashboard/{name}.csv")).status == 403


def test_every_column_has_a_heading_of_its_own_in_both_languages() -> None:
    for kind in ROWS.values():
        names = [column.name for column in COLUMNS[kind]]
        for language in ("id", "en"):
            words = [headings(language)[name] for name in names]
            assert len(set(words)) == len(words), words

"""Invoices and money in a real Chromium: each page and each deed once, on a phone and at a desk."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from payment_service.kit.statements import value
from payment_service.model.invoice import invoices
from payment_service.model.payment import payments
from tests.browser.axe import violations
from tests.browser.clerk import Clerk, clerk
from tests.browser.office import BusyOffice, busy_office
from tests.browser.person import DESK, PHONE
from tests.browser.presses import presses
from tests.scenarios.renewals import pays_old

pytestmark = pytest.mark.usefixtures("browser")
DOUBLED = value(select(payments.c.invoice_id).where(payments.c.outcome == "credited"), str)
OVERDUE = value(
    select(invoices.c.id).where(invoices.c.status == "open").order_by(invoices.c.id), str
)


@pytest.fixture(scope="module")
def place(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BusyOffice]:
    assert browser.is_connected()
    with busy_office(tmp_path_factory.mktemp("money")) as built:
        yield built


def found(place: BusyOffice, statement: Any) -> str:
    async def ask() -> str:
        found = await place.story.service.runtime.db.read(lambda tx: tx.one(statement))
        return str(found)

    return place.run(ask())


def opens(one: Clerk, words: str) -> Any:
    """The question behind that button."""
    asked = one.page.locator("details.confirm").filter(has_text=words).first
    asked.locator("summary").click()
    expect(asked).to_have_attribute("open", "")
    return asked


@presses("/invoices/{id}/code", "/invoices/{id}/mark-paid", "/invoices/{id}/void")
def test_on_a_phone_invoices_are_found_marked_paid_voided_and_printed(
    place: BusyOffice, browser: Browser
) -> None:
    with clerk(place, browser, PHONE, "id-ID") as one:
        one.has_session(place.session_of("finance", "Siti"))
        one.goes("/dashboard/invoices")
        one.page.get_by_role("link", name="Lewat tempo").click()
        expect(one.page.locator("tbody tr")).to_have_count(2)
        one.page.get_by_role("link", name=re.compile("^PT Bengkel Las")).click()
        expect(one.page.get_by_role("link", name="Tandai lunas")).to_be_visible()
        assert violations(one.page) == []
        one.page.get_by_role("link", name="Tandai lunas").click()
        expect(one.page.get_by_role("heading", name="lunas, Rp49.000?")).to_be_visible()
        assert violations(one.page) == []
        one.fills(reference="nota 12", reason="Tunai, diterima Siti")
        one.presses("Tandai lunas Rp49.000")
        expect(one.page.get_by_role("status").filter(has_text="lunas.")).to_be_visible()

        one.goes(f"/dashboard/invoices/{found(place, OVERDUE)}")
        one.presses("Buat kode")
        expect(one.page.get_by_text("Bisa dibayar sekarang")).to_be_visible()
        asked = opens(one, "Batalkan tagihan")
        one.fills(reason="Pelanggan tutup usaha")
        asked.get_by_role("button", name="Batalkan tagihan").click()
        expect(one.page.get_by_text("Tagihan ini batal.")).to_be_visible()

        one.goes(f"/dashboard/invoices/{found(place, DOUBLED)}")
        one.page.get_by_role("link", name="Cetak").click()
        expect(one.page.get_by_role("img", name="LUNAS")).to_be_visible()
        assert violations(one.page) == []
        one.page.emulate_media(media="print")
        expect(one.page.get_by_role("button", name="Cetak")).to_be_hidden()
        one.page.emulate_media(media="screen")
        with one.page.expect_download() as saving:
            one.page.get_by_role("link", name="PDF").click()
        assert saving.value.suggested_filename.startswith("Kuitansi-BB-2026-")
        one.page.get_by_role("link", name="English").click()
        expect(one.page.get_by_role("heading", name="Receipt")).to_be_visible()


@presses("/invoices/{id}/period", "/payments/{id}/credit", "/money/check", "/invoices.csv")
def test_at_a_desk_money_is_reviewed_checked_made_a_month_and_downloaded(
    place: BusyOffice, browser: Browser
) -> None:
    with clerk(place, browser, DESK, "en-GB") as one:
        one.has_session(place.session_of("owner", "Bagus"))
        one.goes("/dashboard/payments")
        one.page.get_by_role("link", name="Needs review").click()
        one.page.get_by_role("link", name="Bengkel Gani").click()
        expect(one.page.locator("summary", has_text="Make it credit")).to_be_visible()
        assert violations(one.page) == []
        asked = opens(one, "Make it credit")
        one.fills(credit_note="The provider rounded")
        asked.get_by_role("button", name="Make it credit").click()
        expect(one.page.get_by_text("Decided.")).to_be_visible()
        expect(one.page.get_by_text("The provider rounded").first).to_be_visible()

        one.goes(f"/dashboard/invoices/{found(place, DOUBLED)}")
        asked = opens(one, "Make it 1 more month")
        one.fills(reason="They agreed on the phone")
        assert violations(one.page) == []
        asked.get_by_role("button", name="Make it 1 more month").click()
        expect(one.page.get_by_text("Another period was bought from credit")).to_be_visible()

        one.goes("/dashboard/money")
        opens(one, "Check now")
        one.presses("Begin the check")
        expect(one.page.get_by_text("The money check of BukuBengkel is running.")).to_be_visible()
        place.run(place.story.service.web.state.money_checks.finish())
        one.goes("/dashboard/money")
        expect(one.page.get_by_text("All agrees")).to_be_visible()

        one.goes("/dashboard/invoices?status=paid")
        one.page.get_by_role("link", name="CSV").click()
        expect(one.page.get_by_role("button", name="Download")).to_be_visible()
        assert violations(one.page) == []
        with one.page.expect_download() as saving:
            one.presses("Download")
        assert saving.value.suggested_filename.endswith(".csv")
        lines = saving.value.path().read_text("utf-8-sig").splitlines()
        assert lines[0].startswith("Invoice number,Customer reference")
        assert len(lines) > 4
        place.clock.advance(timedelta(minutes=6))
        one.goes("/dashboard/customers.csv")
        assert "/step-up" in one.page.url


async def _doubtful(place: BusyOffice, name: str, amount: int, *, paid: bool = False) -> str:
    """The gateway books another sum than was asked for; the payment's id. `paid` by another code
    before."""
    story = place.story
    tenant = await story.subscribe(name, "bulanan")
    first = await tenant.asks_for_code()
    await story.the_gateway_books(first.order_id, amount)
    if paid:
        await story.minutes_pass(16)
        await tenant.pays(await tenant.asks_for_code())
        await pays_old(story, tenant, first)
    else:
        await tenant.pays(first)
    answer = await tenant.app.asks("GET", "/v1/payments?outcome=needs_review")
    return next(str(one["id"]) for one in answer.json["data"] if one["amount"] == amount)


@presses(
    "/payments/{id}/settle", "/payments/{id}/period", "/payments/{id}/refund",
    "/payments/{id}/dismiss",
)  # fmt: skip
def test_on_a_phone_money_in_doubt_is_decided_in_each_way(
    place: BusyOffice, browser: Browser
) -> None:
    ways = (
        ("settle", "Lunasi", "Lunasi dengan Rp100.000", 100_000),
        ("period", "Jadikan masa tambahan", "Jadikan masa tambahan", 120_000),
        ("refund", "Kembalikan", "Catat pengembalian", 50_000),
        ("dismiss", "Abaikan", "Abaikan", 60_000),
    )
    money = {
        deed: place.run(_doubtful(place, f"Bengkel {deed}", amount, paid=deed == "period"))
        for deed, _, _, amount in ways
    }
    with clerk(place, browser, PHONE, "id-ID") as one:
        one.has_session(place.session_of("finance", "Rini Ragu"))
        for deed, words, button, _ in ways:
            one.goes(f"/dashboard/payments/{money[deed]}")
            asked = one.page.locator("details.confirm", has=one.page.locator(f"#{deed}_note"))
            asked.locator("summary").click()
            if deed == "refund":
                one.fills(reference="BCA 9")
            one.fills(**{f"{deed}_note": f"{words}, kata pelanggan"})
            asked.get_by_role("button", name=button, exact=True).click()
            expect(one.page.get_by_text("Sudah diputuskan.")).to_be_visible()


LISTS = ("overview", "subscriptions", "customers", "payments", "plans", "webhooks", "audit")


@presses(*(f"/{name}.csv" for name in LISTS))
def test_at_a_desk_each_list_is_to_be_had_as_a_file(place: BusyOffice, browser: Browser) -> None:
    with clerk(place, browser, DESK, "en-GB") as one:
        one.has_session(place.session_of("finance", "Rini Berkas"))
        for name in LISTS:
            one.goes(f"/dashboard/{name}.csv")
            with one.page.expect_download() as saving:
                one.presses("Download")
            assert saving.value.suggested_filename.endswith(".csv")
            assert len(saving.value.path().read_text("utf-8-sig").splitlines()) > 1

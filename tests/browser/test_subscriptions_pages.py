"""The pages of subscriptions in a real Chromium: looking after one on a phone, and every deed at a
desk."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.axe import violations
from tests.browser.clerk import Clerk, clerk
from tests.browser.office import BusyOffice, busy_office
from tests.browser.person import DESK, PHONE
from tests.browser.presses import presses

pytestmark = pytest.mark.usefixtures("browser")
ALL = "/dashboard/subscriptions"
NEW = "Bengkel Baru"


@pytest.fixture(scope="module")
def place(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BusyOffice]:
    """With one more, of whom there is a phone number, and who has paid."""
    assert browser.is_connected()
    with busy_office(tmp_path_factory.mktemp("subscriptions")) as built:
        built.run(_somebody_comes(built))
        yield built


async def _somebody_comes(place: BusyOffice) -> None:
    tenant = await place.story.subscribe(NEW, "bulanan")
    customer = (await tenant.subscription())["customer"]["id"]
    change = {"phone": "0812 2745 9031"}
    assert (await tenant.app.asks("PATCH", f"/v1/customers/{customer}", change)).status == 200
    await tenant.pays(await tenant.asks_for_code())


def says(one: Clerk, words: str) -> None:
    expect(one.page.locator("main").get_by_text(words).first).to_be_visible()


def follows(one: Clerk, name: str) -> None:
    one.page.locator("main").get_by_role("link", name=name).first.click()


def does(one: Clerk, deed: str, button: str, *choices: str) -> None:
    """Opens the deed, chooses, says why, and does it."""
    follows(one, deed)
    for choice in choices:
        follows(one, choice)
    one.fills(reason="tiket 118")
    one.presses(button)


@presses("/invoices/{id}/mark-paid")
def test_on_a_phone_the_soonest_due_is_found_and_paid_in_cash(
    place: BusyOffice, browser: Browser
) -> None:
    with clerk(place, browser, PHONE, "id-ID") as one:
        one.has_session(place.session_of("finance", "Rini Keuangan"))
        one.goes(ALL)
        one.page.locator("select[name=sort]").select_option("due")
        one.presses("Saring")
        one.page.locator("a.row").first.click()
        says(one, "Akses terbuka, berhenti 19 Maret kalau belum dibayar")
        follows(one, "Tandai lunas")
        follows(one, "Kemarin")
        expect(one.page.locator("main [aria-current]").filter(has_text="Kemarin")).to_be_visible()
        assert violations(one.page) == []
        one.fills(reference="Tunai 7", reason="Dibayar di kasir")
        one.presses("Tandai lunas Rp49.000")
        says(one, "BB-2026-000009 lunas.")
        says(one, "Akses terbuka, dibayar sampai 11 April")
        says(one, "“Dibayar di kasir”")


@presses("/subscriptions/{id}/invoice")
def test_on_a_phone_a_reminder_and_the_pay_link_are_one_tap_away(
    place: BusyOffice, browser: Browser
) -> None:
    with clerk(place, browser, PHONE, "id-ID") as one:
        one.context.grant_permissions(["clipboard-read", "clipboard-write"])
        one.has_session(place.session_of("owner", "Siti Pemilik"))
        one.goes(f"{ALL}?status=active")
        follows(one, NEW)
        does(one, "Terbitkan tagihan sekarang", "Terbitkan tagihan Rp99.000")
        address = one.page.get_by_role("link", name="Ingatkan lewat WhatsApp").get_attribute("href")
        assert address
        assert address.startswith("https://wa.me/6281227459031?text=Halo%20Bengkel%20Baru")
        one.presses("Salin")
        expect(one.page.get_by_role("button", name="Tersalin")).to_be_visible()
        copied = one.page.evaluate("navigator.clipboard.readText()")
        one.page.goto(copied)
        expect(one.page.get_by_text("Rp99.000").first).to_be_visible()


@presses(
    "/subscriptions/{id}/one-off", "/subscriptions/{id}/extend", "/subscriptions/{id}/move",
    "/subscriptions/{id}/plan", "/subscriptions/{id}/pay-link", "/subscriptions/{id}/resume",
    "/subscriptions/{id}/undo-cancel", "/subscriptions/{id}/suspend",
    "/subscriptions/{id}/cancel",
)  # fmt: skip
def test_at_a_desk_each_deed_is_done_where_it_belongs(place: BusyOffice, browser: Browser) -> None:
    with clerk(place, browser, DESK, "en-GB") as one:
        one.has_session(place.session_of("owner", "Sari Wulandari"))
        one.goes(f"{ALL}?status=trialing")
        follows(one, "Bengkel Dewi")
        does(one, "Give days", "Give 14 days", "14 days")
        says(one, "Days given, paid through 13 April 2026.")
        does(one, "Move the date", "Move to 30 April 2026", "30 Apr 2026")
        says(one, "Access is open, on trial until 30 April")
        does(one, "Change plan", "Change to Tahunan", "Tahunan")
        says(one, "Its plan is Tahunan now.")
        does(one, "Suspend", "Suspend")
        says(one, "Access was closed by an admin on 16 March")
        does(one, "Resume", "Resume")
        says(one, "Subscription resumed. Access is open.")
        does(one, "Replace the link", "Replace the link")
        says(one, "Pay link replaced.")
        follows(one, "Another invoice")
        one.fills(description_1="Receipt printer", amount_1="499", reason="sold in the shop")
        one.presses("Issue the invoice")
        says(one, "QRIS takes Rp500 to Rp10.000.000 at once.")
        assert violations(one.page) == []
        one.fills(amount_1="Rp150.000")
        one.presses("Issue the invoice")
        says(one, "issued.")
        does(one, "Cancel the subscription", "Cancel as of 30 April 2026")
        says(one, "The trial ends after 30 April")
        does(one, "Undo the cancellation", "Undo the cancellation")
        says(one, "Cancellation undone.")
        does(one, "Cancel the subscription", "Cancel now", "At once")
        says(one, "Ended on 16 March, canceled")
        assert violations(one.page) == []


def test_without_script_a_deed_is_done_all_the_same(place: BusyOffice, browser: Browser) -> None:
    with clerk(place, browser, DESK, "en-GB", java_script_enabled=False) as one:
        one.has_session(place.session_of("owner", "Sari Tanpa Skrip"))
        one.goes(f"{ALL}?status=active")
        follows(one, NEW)
        follows(one, "Change plan")
        follows(one, "Tahunan")
        follows(one, "Today")
        one.fills(reason="wants to pay by the year")
        one.presses("Issue an invoice of Rp891.000")
        says(one, "The plan changes today if invoice")

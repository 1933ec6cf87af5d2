"""The pages of plans on a phone and of customers at a desk, in a real Chromium: each page and each
deed once, with and without script."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.axe import violations
from tests.browser.clerk import Clerk, clerk
from tests.browser.office import BusyOffice, busy_office
from tests.browser.person import DESK, PHONE
from tests.browser.presses import presses

pytestmark = pytest.mark.usefixtures("browser")


@pytest.fixture(scope="module")
def place(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BusyOffice]:
    assert browser.is_connected()
    with busy_office(tmp_path_factory.mktemp("plans")) as built:
        yield built


@pytest.fixture(scope="module")
def token(place: BusyOffice) -> str:
    return place.session_of("owner", "Sari Wulandari")


def says(one: Clerk, words: str) -> None:
    expect(one.page.locator("main").get_by_text(words).first).to_be_visible()


def follows(one: Clerk, name: str) -> None:
    one.page.locator("main").get_by_role("link", name=name, exact=True).first.click()


@presses(
    "/plans/new", "/plans/{id}/edit", "/plans/{id}/price", "/plans/{id}/archive",
    "/plans/{id}/sell-again",
)  # fmt: skip
@pytest.mark.parametrize("scripted", [True, False])
def test_on_a_phone_a_plan_is_made_priced_anew_and_archived(
    place: BusyOffice, browser: Browser, token: str, *, scripted: bool
) -> None:
    code = f"plus-{scripted}".lower()
    with clerk(place, browser, PHONE, "id-ID", java_script_enabled=scripted) as one:
        one.has_session(token)
        one.goes("/dashboard/more")
        one.page.get_by_role("link", name="Paket").click()
        follows(one, "Paket baru")
        one.fills(name=f"Paket {code}", plan_code=code, price="499", ahead_12="1.500.000")
        one.presses("Buat paket")
        expect(one.page.locator("#price")).to_have_attribute("aria-invalid", "true")
        says(one, "QRIS menerima paling sedikit Rp500")
        if scripted:  # what only a refusal shows is looked at here
            assert violations(one.page) == []
        one.fills(price="Rp150.000")
        one.presses("Buat paket")
        expect(one.page.get_by_text(f"Paket Paket {code} dibuat")).to_be_visible()
        expect(one.page.locator(".ladder")).to_contain_text("hemat 16 %")
        follows(one, "Ubah harga")
        one.fills(price="160.000", ahead_12="1.600.000", reason="Harga 2027")
        one.presses("Ubah harga")
        expect(one.page.get_by_text("Harga sekarang Rp160.000")).to_be_visible()
        follows(one, "Atur")
        one.fills(grace_days="14")
        one.page.get_by_text("Selalu dari hari bayar").click()
        one.presses("Simpan")
        expect(one.page.get_by_text("14 hari tenggang")).to_be_visible()
        one.page.locator("summary", has_text="Arsipkan").click()
        one.presses("Arsipkan paket")
        expect(one.page.get_by_text(f"Paket Paket {code} diarsipkan.")).to_be_visible()
        one.presses("Jual lagi")
        expect(one.page.get_by_text(f"Paket Paket {code} dijual lagi.")).to_be_visible()


@presses("/plans/{id}/move")
def test_on_a_phone_subscribers_are_moved_with_the_new_price_and_later(
    place: BusyOffice, browser: Browser, token: str
) -> None:
    with clerk(place, browser, PHONE, "id-ID") as one:
        one.has_session(token)
        one.goes("/dashboard/plans")
        card = one.page.locator(".plan", has=one.page.get_by_role("link", name="Bulanan"))
        card.get_by_role("link", name="Ubah harga").click()
        one.fills(price="109.000", reason="Harga 2027")
        one.presses("Ubah harga")
        expect(one.page.get_by_text("harga lama, tetap sampai dipindahkan")).to_be_visible()
        one.goes("/dashboard/plans")
        expect(card).to_contain_text("pelanggan lama tetap Rp99.000.")
        card.get_by_role("link", name="Pindahkan pelanggan").click()
        says(one, "Tagihan yang sudah terbit tidak berubah")
        one.fills(reason="Harga 2027")
        one.page.locator("main").get_by_role("button", name="Pindahkan").click()
        expect(one.page.get_by_text("Sedang pindah")).to_be_visible()
        follows(one, "Ubah harga")
        one.fills(price="119.000", reason="Harga 2028")
        one.page.get_by_text("Pindahkan juga").click()
        one.presses("Ubah harga")
        expect(one.page.get_by_role("status")).to_contain_text("Harga sekarang Rp119.000.")
        says(one, "ke Rp119.000 mulai tagihan berikutnya")


@presses("/customers/{id}/edit", "/customers/{id}/refund")
def test_at_a_desk_customers_are_found_edited_and_paid_back(
    place: BusyOffice, browser: Browser, token: str
) -> None:
    with clerk(place, browser, DESK, "en-GB") as one:
        one.has_session(token)
        one.goes("/dashboard")
        one.page.locator(".side").get_by_role("link", name="Customers").click()
        one.page.locator("select[name=credit]").select_option("true")
        one.presses("Filter")
        expect(one.page.locator("tbody tr")).to_have_count(1)
        one.page.locator("a.row").click()
        says(one, "We owe this.")
        follows(one, "Record the refund…")
        one.fills(amount="40.000", reference="BCA 118", note="Transfer to the owner")
        one.presses("Record the refund")
        expect(one.page.get_by_text("The refund of Rp40.000 is recorded.")).to_be_visible()
        expect(one.page.locator("#credit")).to_contain_text("Rp59.000")
        follows(one, "Edit")
        one.fills(name="Sari Motor Jaya", phone="0812-3456-7890")
        one.presses("Save")
        expect(one.page.get_by_role("heading", name="Sari Motor Jaya")).to_be_visible()
        one.goes("/dashboard/customers")
        one.page.locator("input[name=reference]").fill("0812 3456 7890")
        one.page.keyboard.press("Enter")
        expect(one.page.locator("tbody tr")).to_have_count(1)
        one.page.locator("a.row").click()
        one.page.get_by_role("link", name="Forget personal data").click()
        says(one, "There is still an open subscription to Bulanan.")


@presses("/customers/{id}/forget")
def test_at_a_desk_a_customer_is_forgotten(place: BusyOffice, browser: Browser, token: str) -> None:
    with clerk(place, browser, DESK, "en-GB", color_scheme="dark") as one:
        one.has_session(token)
        one.goes("/dashboard/customers?reference=Bengkel+Ika")
        one.page.locator("a.row").click()
        one.page.get_by_role("link", name="Forget personal data").click()
        says(one, "Stays, for the books")
        one.fills(reason="Asked by mail, 3 May")
        one.presses("Forget personal data")
        expect(one.page.get_by_text("Personal data is gone.")).to_be_visible()
        says(one, "Money, invoice numbers and the audit log stay for the books.")
        expect(one.page.get_by_role("link", name="Edit", exact=True)).to_have_count(0)

"""The pages of apps in a real Chromium: registering one on a phone, with and without script, and
looking after one at a desk."""

import asyncio
from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Locator, expect

from tests.browser.axe import violations
from tests.browser.clerk import Clerk, clerk
from tests.browser.office import BusyOffice, busy_office
from tests.browser.person import DESK, PHONE
from tests.browser.presses import presses
from tests.service import API_KEY

pytestmark = pytest.mark.usefixtures("browser")


@pytest.fixture(scope="module")
def place(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BusyOffice]:
    """Its messages go out by themselves."""
    assert browser.is_connected()
    with busy_office(tmp_path_factory.mktemp("apps")) as built:
        built.story.receiver.answers.clear()

        async def send() -> None:
            while not built.is_over.is_set():
                await built.story.service.deliver()
                await asyncio.sleep(0.2)

        sending = asyncio.run_coroutine_threadsafe(send(), built._loop)
        yield built
        sending.cancel()


@pytest.fixture(scope="module")
def token(place: BusyOffice) -> str:
    return place.session_of("owner", "Sari Wulandari")


def panel(one: Clerk, title: str) -> Locator:
    heading = one.page.get_by_role("heading", name=title, exact=True)
    return one.page.locator("section.panel").filter(has=heading)


def says(one: Clerk, words: str) -> None:
    expect(one.page.locator("main").get_by_text(words).first).to_be_visible()


def says_to_all(one: Clerk, words: str) -> None:
    """And nothing on a page that only a deed shows keeps anybody out."""
    says(one, words)
    assert violations(one.page) == []


def follows(one: Clerk, name: str) -> None:
    one.page.get_by_role("link", name=name, exact=True).first.click()


def logo(colour: str, kind: str = "PNG") -> FilePayload:
    file = BytesIO()
    Image.new("RGB", (240, 60), colour).save(file, kind)
    return {"name": "logo.png", "mimeType": "image/png", "buffer": file.getvalue()}


@presses(
    "/apps/new", "/apps/{id}/setup/seller", "/apps/{id}/setup/gateway/check",
    "/apps/{id}/setup/webhook", "/apps/{id}/setup/webhook/test", "/apps/{id}/setup/key",
)  # fmt: skip
@pytest.mark.parametrize("scripted", [True, False])
def test_on_a_phone_an_app_is_registered_in_five_steps(
    place: BusyOffice, browser: Browser, token: str, *, scripted: bool
) -> None:
    with clerk(place, browser, PHONE, "id-ID", java_script_enabled=scripted) as one:
        one.has_session(token)
        one.goes("/dashboard/apps")
        follows(one, "Daftarkan aplikasi")
        one.fills(name="Parkir Log")
        one.page.get_by_role("radio", name="Uji coba").check()
        one.presses("Daftarkan, lalu lanjut")
        expect(one.page.get_by_text("Langkah 2 dari 5")).to_be_visible()
        one.fills(seller_name="PT Parkir Jaya", address="Jl. Pahlawan 8\nKebumen", npwp="01.234")
        one.presses("Simpan, lalu lanjut")
        one.presses("Uji sambungan")
        expect(one.page.get_by_text("Tersambung. Gateway menerima kuncinya.")).to_be_visible()
        follows(one, "Lanjut")
        one.fills(url="http://10.0.0.1/hook")
        one.presses("Pasang, lalu kirim percobaan")
        expect(one.page.locator("#url-says")).to_contain_text("Alamat ini tidak bisa dipakai.")
        one.fills(url=place.story.receiver.url)
        one.presses("Pasang, lalu kirim percobaan")
        expect(one.page.get_by_text("HTTP 200")).to_be_visible()
        one.presses("Kirim percobaan")
        expect(one.page.get_by_text("HTTP 200")).to_be_visible()
        follows(one, "Lanjut")
        one.presses("Buat dan tampilkan")
        key = one.page.locator("#api-key").inner_text()
        assert key.startswith("psk_test_")
        assert not scripted or violations(one.page) == []
        copies = one.page.get_by_role("button", name="Salin semua baris")
        expect(copies).to_be_visible(visible=scripted)
        expect(one.page.locator("#env code")).to_have_count(3)
        follows(one, "Sudah saya simpan")
        expect(one.page.get_by_role("heading", name="Parkir Log")).to_be_visible()
        assert key not in one.page.content()


@presses("/apps/{id}/setup/gateway")
def test_on_a_phone_registering_goes_on_with_a_gateway(
    place: BusyOffice, browser: Browser, token: str
) -> None:
    with clerk(place, browser, PHONE, "id-ID") as one:
        one.has_session(token)
        one.goes(f"/dashboard/apps/{place.busy.app_id}/setup/gateway")
        one.fills(api_key=API_KEY)
        one.presses("Simpan dan uji sambungan")
        says(one, "Tersambung. Gateway menerima kuncinya.")
        says_to_all(one, "Pakasir tersambung")


@presses(
    "/apps/{id}/settings/general", "/apps/{id}/settings/schedule", "/apps/{id}/settings/seller",
    "/apps/{id}/look/color", "/apps/{id}/look/logo", "/apps/{id}/look/logo/remove",
    "/apps/{id}/gateway/check", "/apps/{id}/gateway/edit",
)  # fmt: skip
def test_at_a_desk_the_gateway_and_the_look_are_looked_after(
    place: BusyOffice, browser: Browser, token: str
) -> None:
    with clerk(place, browser, DESK, "en-GB") as one:
        one.has_session(token)
        one.goes("/dashboard/apps")
        follows(one, "BukuBengkel")
        follows(one, "Gateway")
        one.presses("Test connection")
        says(one, "Connected. The gateway takes the key.")
        follows(one, "Change")
        one.fills(api_key="wrong")
        one.presses("Save and test connection")
        says_to_all(one, "The gateway answers, but refuses the key.")
        follows(one, "Change")
        one.fills(api_key=API_KEY)
        one.presses("Save and test connection")
        says(one, "Connected. The gateway takes the key.")
        follows(one, "Schedule & seller")
        one.fills(grace_days="120")
        one.presses("Save schedule")
        says_to_all(one, "Write 0 to 90 days.")
        one.fills(grace_days="10", reminders_before="3", reminders_after="0")
        one.presses("Save schedule")
        says(one, "Settings of BukuBengkel saved.")
        one.fills(seller_name="PT Buku Bengkel")
        one.presses("Save seller")
        one.fills(return_origins="https://bukubengkel.id")
        one.presses("Save")
        says(one, "Settings of BukuBengkel saved.")
        follows(one, "Pay page")
        one.fills(color="#b06a28")
        one.presses("Save colour")
        one.page.locator("#logo").set_input_files(logo("#8a3b6b", "GIF"))
        one.presses("Set logo")
        says_to_all(one, "This file is no whole PNG, JPEG or WebP picture.")
        one.page.locator("#logo").set_input_files(logo("#8a3b6b"))
        one.presses("Set logo")
        says(one, "Logo set.")
        tenant = place.run(place.story.subscribe("Bengkel Baru", "bulanan"))
        one.page.goto(place.run(tenant.subscription())["pay_url"].replace("127.0.0.1", "localhost"))
        picture = one.page.locator("img.logo")
        expect(picture).to_have_js_property("naturalWidth", 240)
        band = one.page.locator("svg.band rect")
        # Asked again where the page has just replaced the band by a newer one.
        expect(band).to_have_css("fill", "rgb(176, 106, 40)")
        assert violations(one.page) == []
        one.goes(f"/dashboard/apps/{place.busy.app_id}/look")
        one.presses("Remove logo")
        says(one, "Logo removed.")


@presses(
    "/apps/{id}/keys/new", "/keys/{id}/roll", "/keys/{id}/revoke", "/apps/{id}/endpoints/new",
    "/endpoints/{id}", "/endpoints/{id}/test", "/endpoints/{id}/off", "/endpoints/{id}/on",
    "/endpoints/{id}/delete", "/endpoints/{id}/reveal", "/endpoints/{id}/roll", "/pass-keys/roll",
    "/pass-keys/withdraw",
)  # fmt: skip
def test_at_a_desk_keys_and_endpoints_are_looked_after(
    place: BusyOffice, browser: Browser, token: str
) -> None:
    here = f"/dashboard/apps/{place.busy.app_id}"
    with clerk(place, browser, DESK, "en-GB") as one:
        one.has_session(token)
        one.goes(f"{here}/keys")
        follows(one, "New key")
        one.fills(name="Night report")
        one.page.get_by_role("checkbox", name="write").uncheck()
        one.presses("Make and show it")
        says_to_all(one, "Copy it now.")
        follows(one, "I have kept them")
        follows(one, "Night report")
        one.page.locator("summary").get_by_text("Replace").click()
        one.presses("Replace and show it")
        says(one, "Copy it now.")
        follows(one, "I have kept them")
        follows(one, "Night report")
        one.page.locator("summary").get_by_text("Revoke").click()
        one.presses("Revoke key")
        says(one, "The key Night report is revoked.")
        one.goes(f"{here}/endpoints")
        follows(one, "Add endpoint")
        one.fills(url=f"{place.story.receiver.url}?warehouse", description="The warehouse")
        one.page.get_by_role("radio", name="Only those chosen").check()
        one.page.locator("details.event-types summary").click()
        one.page.get_by_role("checkbox", name="invoice.paid").check()
        one.presses("Add endpoint")
        first = one.page.locator("#webhook-secret").inner_text()
        follows(one, "I have kept them")
        one.presses("Send a test")
        says(one, "HTTP 200")
        one.presses("Show")
        expect(one.page.locator("#webhook-secret")).to_have_text(first)
        follows(one, "I have kept them")
        panel(one, "Signing secret").locator("summary").click()
        one.presses("Replace and show it")
        expect(one.page.locator("#webhook-secret")).not_to_have_text(first)
        follows(one, "I have kept them")
        says(one, "The old one signs too until")
        one.page.get_by_role("radio", name="All", exact=False).first.check()
        one.presses("Save")
        says(one, "Endpoint saved.")
        one.page.locator("summary").get_by_text("Turn off").click()
        one.presses("Turn off")
        says_to_all(one, "This endpoint is off and hears nothing.")
        one.presses("Turn on")
        says(one, "Endpoint turned on.")
        one.page.locator("summary").get_by_text("Remove").click()
        one.presses("Remove endpoint")
        says(one, "Endpoint removed.")
        one.goes("/dashboard/pass-keys")
        one.page.locator("summary").get_by_text("Replace").click()
        one.fills(reason="Every year")
        one.presses("Make a new key")
        says(one, "Waits for its hour")
        one.page.locator("summary").get_by_text("Withdraw all").click()
        one.page.locator("#reason-withdraw").fill("It has leaked")
        one.presses("Withdraw all")
        says_to_all(one, "All old keys are withdrawn.")

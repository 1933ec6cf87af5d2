"""Signing in to the dashboard in a real Chromium, on a phone and at a desk, with and without
script; and every page of its table, looked at by axe."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pyotp
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.axe import violations
from tests.browser.clerk import PASSWORD, Clerk, clerk
from tests.browser.office import Office, office
from tests.browser.person import DESK, PHONE
from tests.browser.presses import presses

pytestmark = pytest.mark.usefixtures("browser")


@pytest.fixture(scope="module")
def place(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    assert browser.is_connected()
    with office(tmp_path_factory.mktemp("office")) as built:
        yield built


def comes_in_by_passkey(one: Clerk, code: str) -> list[str]:
    """In English, to the overview; the recovery codes."""
    one.has_a_passkey_device()
    one.goes("/dashboard/first")
    one.fills(code=code)
    one.presses("Continue")
    one.fills(password=PASSWORD)
    one.presses("Continue")
    expect(one.page.get_by_role("button", name="Make a passkey")).to_be_visible()
    assert violations(one.page) == []
    one.presses("Make a passkey")
    expect(one.page.locator(".codes code")).to_have_count(10)
    codes = one.page.locator(".codes code").all_inner_texts()
    one.page.get_by_role("link", name="I have kept them").click()
    assert one.is_at("/dashboard")
    return codes


@presses(
    "/sign-in", "/sign-in/passkey", "/sign-in/second", "/first", "/first/password",
    "/first/passkey", "/step-up", "/sign-out", "/sign-out-everywhere",
)  # fmt: skip
def test_at_a_desk_a_passkey_is_all_it_takes(place: Office, browser: Browser) -> None:
    code = place.invites("Sari Wulandari", "sari@bengkel.id")
    with clerk(place, browser, DESK, "en-GB") as one:
        codes = comes_in_by_passkey(one, code)
        assert len(codes) == 10
        place.clock.advance(timedelta(minutes=6))
        one.goes("/dashboard/account/totp")
        assert "/step-up" in one.page.url
        assert violations(one.page) == []
        one.presses("Use a passkey")
        assert one.is_at("/dashboard/account/totp")
        one.goes("/dashboard/account")
        one.presses("Sign out")
        expect(one.page.get_by_text("You are signed out.")).to_be_visible()
        one.presses("Sign in with a passkey")
        assert one.is_at("/dashboard")
        one.goes("/dashboard/account")
        one.presses("Sign out everywhere")
        one.fills(email="sari@bengkel.id", password=PASSWORD)
        one.presses("Continue")
        expect(one.page.get_by_text("Lost your phone?")).to_be_visible()
        assert violations(one.page) == []
        one.page.get_by_text("Lost your phone?").click()
        one.fills(recovery=codes[0])
        one.presses("Sign in with a recovery code")
        assert one.is_at("/dashboard")


@presses("/sign-in/leave", "/first/totp")
@pytest.mark.parametrize("scripted", [True, False])
def test_on_a_phone_an_app_does_with_and_without_script(
    place: Office, browser: Browser, *, scripted: bool
) -> None:
    email = f"rini.{scripted}@bengkel.id".lower()
    code = place.invites("Rini Ayu", email)
    with clerk(place, browser, PHONE, "id-ID", java_script_enabled=scripted) as one:
        one.goes("/dashboard/first")
        one.fills(code=code)
        one.presses("Lanjut")
        one.fills(password="rini ayu 123456")
        one.presses("Lanjut")
        expect(one.page.get_by_text("Terlalu mudah ditebak.")).to_be_visible()
        one.fills(password=PASSWORD)
        one.presses("Lanjut")
        expect(one.page.get_by_role("img", name="Kode QR untuk aplikasi")).to_be_visible()
        shown = one.page.locator(".typed code").text_content() or ""
        app = pyotp.TOTP(shown.replace(" ", ""))
        one.fills(code=app.at(place.clock.now()))
        one.presses("Pasang")
        one.page.get_by_role("link", name="Sudah saya simpan").click()
        one.page.get_by_role("link", name="Lainnya").click()
        one.presses("Keluar")
        one.fills(email=email, password="salah sekali ini")
        one.presses("Lanjut")
        fault = one.page.get_by_role("alert").filter(has_text="Email, kata sandi, atau kode")
        expect(fault).to_be_visible()
        expect(one.page.locator("#password")).to_have_attribute("aria-invalid", "true")
        one.fills(password=PASSWORD)
        one.presses("Lanjut")
        one.presses("bukan Anda?")
        one.fills(email=email, password=PASSWORD)
        one.presses("Lanjut")
        one.fills(code=app.at(place.clock.advance(timedelta(seconds=30))))
        one.presses("Masuk")
        assert one.is_at("/dashboard")
        for secret in (code, PASSWORD.split()[0], app.secret):
            assert not [address for address in one.asked if secret in address]


@presses("/settings/alerts/mail", "/language")
def test_at_a_desk_alerts_are_mailed_and_the_language_is_another(
    place: Office, browser: Browser
) -> None:
    code = place.invites("Oki Setiawan", "oki@bengkel.id")
    with clerk(place, browser, DESK, "en-GB") as one:
        comes_in_by_passkey(one, code)
        one.goes("/dashboard/settings")
        one.page.get_by_role("link", name="Alert channels").click()
        one.fills(mail_target="oki@bengkel.id")
        one.presses("Add an email")
        expect(one.page.get_by_role("status")).to_contain_text("was added.")
        one.goes("/dashboard/settings")
        one.presses("Bahasa Indonesia")
        expect(one.page.get_by_role("heading", name="Pengaturan")).to_be_visible()


def test_a_form_whose_session_ran_out_is_found_again(place: Office, browser: Browser) -> None:
    code = place.invites("Dewi Lestari", "dewi@bengkel.id")
    with clerk(place, browser, DESK, "en-GB") as one:
        comes_in_by_passkey(one, code)
        one.goes("/dashboard/admins/new")
        one.fills(name="Bagus Wibowo", email="bagus@bengkel.id")
        one.page.get_by_role("radio", name="Finance").check()
        place.clock.advance(timedelta(minutes=31))
        one.presses("Make the invitation")
        expect(one.page.get_by_text("What you filled in is kept")).to_be_visible()
        one.presses("Sign in with a passkey")
        expect(one.page.get_by_text("It has not been sent.")).to_be_visible()
        expect(one.page.locator("#name")).to_have_value("Bagus Wibowo")
        expect(one.page.get_by_role("radio", name="Finance")).to_be_checked()
        one.presses("Make the invitation")
        expect(one.page.locator("#one-time-code")).to_have_text(re.compile("^.{29}$"))


def test_the_keyboard_alone_reaches_and_does_everything(place: Office, browser: Browser) -> None:
    code = place.invites("Joko Susilo", "joko@bengkel.id")
    with clerk(place, browser, DESK, "en-GB") as one:
        comes_in_by_passkey(one, code)
        one.goes("/dashboard/account")
        keys = one.page.keyboard
        keys.press("Tab")
        expect(one.page.get_by_role("link", name="Skip to content")).to_be_focused()
        keys.press("Enter")
        asked = one.page.locator("details.confirm").last
        summary = asked.locator("summary")
        summary.focus()
        keys.press("Enter")
        expect(asked).to_have_attribute("open", "")
        keys.press("Escape")
        expect(asked).not_to_have_attribute("open", "")
        expect(summary).to_be_focused()

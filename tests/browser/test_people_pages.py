"""Looking after oneself and after other admins, in a real Chromium: each deed once."""

from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import Browser, expect

from payment_service.web.dashboard.cookies import SESSION
from tests.browser.axe import violations
from tests.browser.clerk import PASSWORD, Clerk, clerk
from tests.browser.office import BusyOffice, busy_office
from tests.browser.person import DESK, PHONE
from tests.browser.presses import presses
from tests.web.dashboard.people import Browser as Unseen
from tests.web.dashboard.people import Person, person

pytestmark = pytest.mark.usefixtures("browser")
ACCOUNT = "/dashboard/account"


@pytest.fixture(scope="module")
def place(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BusyOffice]:
    assert browser.is_connected()
    with busy_office(tmp_path_factory.mktemp("people")) as built:
        yield built


def comes(place: BusyOffice, name: str, sessions: int = 1) -> Person:
    """An owner, signed in at so many places; the last of them is the nearest."""
    service, clock = place.story.service, place.clock
    found = place.run(person(service, clock, "owner", name))
    for _ in range(sessions - 1):
        place.run(found.signs_in(Unseen(service), clock))
    return found


def opens(one: Clerk, words: str) -> None:
    one.page.locator("summary", has_text=words).first.click()


def says(one: Clerk, words: str) -> None:
    expect(one.page.get_by_role("status").filter(has_text=words)).to_be_visible()


@presses(
    "/account/passkey", "/account/passkey/remove", "/account/totp", "/account/totp/remove",
    "/account/recovery-codes",
)  # fmt: skip
def test_on_a_phone_the_second_factor_is_added_replaced_and_removed(
    place: BusyOffice, browser: Browser
) -> None:
    somebody = comes(place, "Wati Lestari")
    with clerk(place, browser, PHONE, "id-ID") as one:
        one.has_session(somebody.browser.cookies[SESSION])
        one.has_a_passkey_device()
        for gone in ("Hapus passkey", "Lepas autentikator"):
            one.goes(ACCOUNT)
            one.page.get_by_role("link", name="Passkey baru").click()
            one.fills(name="HP Wati")
            one.presses("Buat passkey")
            says(one, "Passkey ditambahkan.")
            if gone == "Lepas autentikator":
                one.page.get_by_role("link", name="Ganti", exact=True).click()
                shown = one.page.locator(".typed code").text_content() or ""
                app = pyotp.TOTP(shown.replace(" ", ""))
                one.fills(code=app.at(place.clock.now()))
                one.presses("Pasang")
                one.goes(ACCOUNT)
            opens(one, gone.split()[0])
            assert violations(one.page) == []
            one.presses(gone)
            expect(one.page.get_by_role("status")).to_be_visible()
        opens(one, "Buat baru")
        one.presses("Buat kode baru")
        expect(one.page.locator(".codes code")).to_have_count(10)


@presses("/account/sessions/end", "/account/sessions/end-others", "/account/password")
def test_at_a_desk_other_sessions_are_ended_and_the_password_is_another(
    place: BusyOffice, browser: Browser
) -> None:
    somebody = comes(place, "Joko Susilo", sessions=3)
    with clerk(place, browser, DESK, "en-GB") as one:
        one.has_session(somebody.browser.cookies[SESSION])
        one.goes(ACCOUNT)
        ends = one.page.get_by_role("button", name="End", exact=True)
        expect(ends).to_have_count(2)
        ends.first.click()
        expect(ends).to_have_count(1)
        one.presses("End the others")
        expect(ends).to_have_count(0)
        one.fills(password=f"{PASSWORD} dua")
        one.presses("Change password")
        says(one, "Password changed.")


@presses(
    "/admins/{id}/role", "/admins/{id}/code", "/admins/{id}/disable", "/admins/{id}/enable",
    "/admins/{id}/end-sessions", "/admins/new",
)  # fmt: skip
def test_at_a_desk_admins_are_invited_given_a_role_put_out_and_let_in_again(
    place: BusyOffice, browser: Browser
) -> None:
    owner, other = comes(place, "Dewi Lestari"), comes(place, "Bagus Wibowo")
    with clerk(place, browser, DESK, "en-GB") as one:
        one.has_session(owner.browser.cookies[SESSION])
        one.goes(f"/dashboard/admins/{other.id}")
        one.page.locator("#role").select_option("finance")
        one.presses("Change role")
        says(one, "Role of Bagus Wibowo changed.")
        one.presses("End")
        says(one, "ended")
        opens(one, "Disable")
        assert violations(one.page) == []
        one.page.locator(".confirm-box").get_by_role("button", name="Disable").click()
        one.presses("Enable")
        expect(one.page.get_by_text("Active", exact=True)).to_be_visible()
        one.goes("/dashboard/admins/new")
        one.fills(name="Rina Puspita", email="rina@bengkel.id")
        one.page.get_by_role("radio", name="Viewer").check()
        one.presses("Make the invitation")
        code = one.page.locator("#one-time-code").inner_text()
        one.page.get_by_role("link", name="Done").click()
        one.presses("Make a code")
        expect(one.page.locator("#one-time-code")).not_to_have_text(code)

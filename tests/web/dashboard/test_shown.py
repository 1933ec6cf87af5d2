"""The language, the menu on a phone, and what each role finds in it."""

from tests.clocks import HandClock
from tests.service import Service
from tests.web.dashboard.people import Browser, Person, person


async def test_indonesian_is_spoken_unless_another_language_is_wished(browser: Browser) -> None:
    assert "Kata sandi" in (await browser.sees("/dashboard/sign-in")).text
    page = await browser.ask("GET", "/dashboard/sign-in", Accept_Language="en-GB,en;q=0.9")
    assert "Password" in page.text
    assert page.answer.headers["Content-Language"] == "en"


async def test_a_language_that_was_chosen_stays(browser: Browser) -> None:
    page = await browser.sends("/dashboard/language", language="en", next="/dashboard/first")
    assert page.leads_to == "/dashboard/first"
    assert "One-time code" in (await browser.follows(page)).text
    await browser.sends("/dashboard/language", language="xx")
    assert "Kode sekali pakai" in (await browser.sees("/dashboard/first")).text


async def test_the_menu_holds_what_the_role_may_open(
    service: Service, owner: Person, clock: HandClock
) -> None:
    viewer = await person(service, clock, "viewer", "Dewi")
    for path in ("/dashboard", "/dashboard/more", "/dashboard/settings"):
        assert 'href="/dashboard/admins"' in (await owner.browser.sees(path)).html
        page = await viewer.browser.sees(path)
        assert 'href="/dashboard/admins"' not in page.html
        assert 'href="/dashboard/account"' in page.html


async def test_at_an_address_of_nothing_whoever_is_in_keeps_the_menu(
    owner: Person, browser: Browser
) -> None:
    page = await owner.browser.sees("/dashboard/nothing")
    assert page.status == 404
    assert 'href="/dashboard/subscriptions"' in page.html
    assert 'href="/dashboard/subscriptions"' not in (await browser.sees("/dashboard/nothing")).html


async def test_who_is_signed_in_is_not_asked_to_sign_in(owner: Person) -> None:
    assert (await owner.browser.sees("/dashboard/sign-in")).leads_to == "/dashboard"


async def test_a_sentence_about_what_was_done_is_told_once_whatever_the_cookie_holds(
    owner: Person,
) -> None:
    for cookie in ("x", "e30=", "bnVsbA==", "A" * 3000):
        owner.browser.cookies["__Host-said"] = cookie
        assert (await owner.browser.sees("/dashboard")).status == 200
        assert "__Host-said" not in owner.browser.cookies

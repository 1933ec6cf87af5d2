"""Sessions: how long they last, how they end, and when a factor is asked for again."""

import re
from datetime import timedelta

import pytest

from payment_service.actions.edit_admin import disable_admin, reset_factors
from payment_service.actions.end_sessions import end_sessions
from payment_service.kit.crypto import digest
from payment_service.migrations.upgrade import connected
from payment_service.model.audit import By
from payment_service.model.session import SESSION_BY_TOKEN
from payment_service.web.dashboard.cookies import SESSION
from tests.clocks import HandClock
from tests.service import Service
from tests.web.dashboard.people import PASSWORD, Browser, Person, person

SECOND = timedelta(seconds=1)
OUT = "/dashboard/sign-in"


async def is_in(browser: Browser) -> bool:
    page = await browser.sees("/dashboard")
    return page.status == 200


async def stepped_up(one: Person, clock: HandClock) -> None:
    page = await one.browser.sends("/dashboard/step-up", code=one.code(clock))
    assert page.leads_to == "/dashboard"


async def test_half_an_hour_without_a_request_is_the_end(owner: Person, clock: HandClock) -> None:
    for _ in range(3):
        clock.advance(timedelta(minutes=30))
        assert await is_in(owner.browser)
    clock.advance(timedelta(minutes=30) + SECOND)
    assert not await is_in(owner.browser)


async def test_twelve_hours_are_the_end_however_busy(owner: Person, clock: HandClock) -> None:
    for _ in range(24):
        clock.advance(timedelta(minutes=30))
        assert await is_in(owner.browser)
    clock.advance(SECOND)
    assert not await is_in(owner.browser)


async def test_the_database_holds_no_token(
    service: Service, owner: Person, database_url: str
) -> None:
    token = owner.browser.cookies[SESSION]
    assert len(token) == 43  # 256 bits in base64
    session = await service.runtime.db.read(
        lambda tx: tx.one(SESSION_BY_TOKEN, token_hash=digest(token))
    )
    assert session is not None
    with connected(database_url) as connection:
        for table in ("sessions", "audit_entries", "recovery_codes", "admins"):
            rows = connection.exec_driver_sql(f"SELECT * FROM {table}").all()  # noqa: S608
            for secret in (token, owner.seed, PASSWORD, *owner.recovery_codes):
                assert secret not in str(rows)


@pytest.mark.parametrize("deed", ["sign-out", "sign-out-everywhere"])
async def test_signing_out_kills_the_session_at_once(
    owner: Person, clock: HandClock, browser: Browser, deed: str
) -> None:
    await owner.signs_in(browser, clock)
    token = browser.cookies[SESSION]
    page = await browser.sends(f"/dashboard/{deed}")
    assert page.leads_to == OUT
    assert SESSION not in browser.cookies
    browser.cookies[SESSION] = token
    assert not await is_in(browser)
    assert await is_in(owner.browser) is (deed == "sign-out")


async def test_one_session_can_be_ended_and_all_others(
    service: Service, owner: Person, clock: HandClock
) -> None:
    others = [Browser(service), Browser(service)]
    for other in others:
        await owner.signs_in(other, clock)
    page = await owner.browser.sees("/dashboard/account")
    assert page.html.count("Chrome, Android") == 3
    assert page.text.count("yang ini") == 1
    ids = re.findall(r'name="session" value="(ses_\w+)"', page.html)
    assert len(ids) == 2
    await owner.browser.sends("/dashboard/account/sessions/end", session=ids[0])
    assert [await is_in(other) for other in others] in ([True, False], [False, True])
    again = await owner.browser.sends("/dashboard/account/sessions/end", session=ids[0])
    assert again.status == 404
    assert "Sesi itu sudah berakhir." in again.text
    await owner.browser.sends("/dashboard/account/sessions/end-others")
    assert [await is_in(other) for other in (*others, owner.browser)] == [False, False, True]


async def test_nobody_ends_the_session_of_another(
    service: Service, owner: Person, clock: HandClock
) -> None:
    viewer = await person(service, clock, "viewer", "Dewi")
    token = owner.browser.cookies[SESSION]
    session = await service.runtime.db.read(
        lambda tx: tx.one(SESSION_BY_TOKEN, token_hash=digest(token))
    )
    assert session is not None
    page = await viewer.browser.sends("/dashboard/account/sessions/end", session=session.id)
    assert page.status == 404
    assert await is_in(owner.browser)


@pytest.mark.parametrize("deed", [disable_admin, reset_factors, end_sessions])
async def test_who_is_shut_out_is_out_with_the_next_request(
    service: Service, owner: Person, clock: HandClock, deed: object
) -> None:
    viewer = await person(service, clock, "viewer", "Dewi")
    by = By(owner.id, "for the test", clock.now())
    if deed is end_sessions:
        await service.runtime.db.write(end_sessions, viewer.id, by, clock.now())
    else:
        await service.runtime.db.write(deed, viewer.id, by)  # type: ignore[arg-type]
    assert not await is_in(viewer.browser)
    assert await is_in(owner.browser)


async def test_a_role_that_is_taken_away_holds_at_once(
    service: Service, owner: Person, clock: HandClock
) -> None:
    other = await person(service, clock, "owner", "Rini")
    assert (await other.browser.sees("/dashboard/admins")).status == 200
    page = await owner.browser.sends(
        f"/dashboard/admins/{other.id}/role", role="viewer", was="owner"
    )
    assert page.status == 303
    assert (await other.browser.sees("/dashboard/admins")).status == 403


async def test_a_new_password_ends_the_other_sessions(
    service: Service, owner: Person, clock: HandClock, browser: Browser
) -> None:
    await owner.signs_in(browser, clock)
    fresh = "payung kereta jendela mangga"
    page = await browser.sends("/dashboard/account/password", password=fresh)
    assert page.leads_to == "/dashboard/account"
    assert (await is_in(browser), await is_in(owner.browser)) == (True, False)
    page = await Browser(service).sends("/dashboard/sign-in", email=owner.email, password=PASSWORD)
    assert page.status == 422
    page = await Browser(service).sends("/dashboard/sign-in", email=owner.email, password=fresh)
    assert page.status == 303


async def test_a_changed_factor_ends_the_other_sessions(
    owner: Person, clock: HandClock, browser: Browser
) -> None:
    await owner.signs_in(browser, clock)
    page = await browser.sends("/dashboard/account/recovery-codes")
    fresh = re.findall(r"<code>([0-9a-z-]{29})</code>", page.html)
    assert len(set(fresh) - set(owner.recovery_codes)) == 10
    assert (await is_in(browser), await is_in(owner.browser)) == (True, False)
    await browser.sends("/dashboard/sign-out")
    await browser.sends(OUT, email=owner.email, password=PASSWORD)
    page = await browser.sends("/dashboard/sign-in/second", code=owner.recovery_codes[0])
    assert page.status == 422
    page = await browser.sends("/dashboard/sign-in/second", code=fresh[0])
    assert page.leads_to == "/dashboard"


async def test_the_only_factor_stays(owner: Person) -> None:
    page = await owner.browser.sends("/dashboard/account/totp/remove")
    assert page.status == 409
    assert "satu-satunya faktor kedua" in page.text


async def test_a_step_up_holds_five_minutes_and_gives_a_new_token(
    owner: Person, clock: HandClock
) -> None:
    assert (await owner.browser.sees("/dashboard/account/totp")).status == 200
    clock.advance(timedelta(minutes=5) + SECOND)
    page = await owner.browser.sees("/dashboard/account/totp")
    assert page.leads_to == "/dashboard/step-up?next=%2Fdashboard%2Faccount%2Ftotp"
    form = (await owner.browser.follows(page)).fields("/dashboard/step-up")
    old = owner.browser.cookies[SESSION]
    code = owner.code(clock)
    page = await owner.browser.ask("POST", "/dashboard/step-up", {**form, "code": code})
    assert page.leads_to == "/dashboard/account/totp"
    assert (await owner.browser.follows(page)).status == 200
    fresh = owner.browser.cookies[SESSION]
    assert fresh != old
    thief = Browser(owner.browser._service)
    thief.cookies[SESSION] = old
    assert not await is_in(thief)
    page = await owner.browser.ask("POST", "/dashboard/step-up", {**form, "code": code})
    assert page.status == 422, "a code counts once"


async def test_a_recovery_code_steps_up_too(owner: Person, clock: HandClock) -> None:
    clock.advance(timedelta(minutes=6))
    page = await owner.browser.sends("/dashboard/step-up", code=owner.recovery_codes[0])
    assert page.leads_to == "/dashboard"
    assert (await owner.browser.sees("/dashboard/account/totp")).status == 200


async def test_guessing_at_a_step_up_is_slowed_down(owner: Person, clock: HandClock) -> None:
    clock.advance(timedelta(minutes=6))
    wrong = owner.wrong_code(clock)
    told = [(await owner.browser.sends("/dashboard/step-up", code=wrong)).status for _ in range(5)]
    assert told == [422, 422, 422, 429, 429]
    clock.advance(timedelta(seconds=30))
    await stepped_up(owner, clock)

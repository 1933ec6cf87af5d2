"""The way in: a code for the first time, then password and second factor; and nothing less."""

import re
from datetime import timedelta

import msgspec
import pyotp
import pytest

from payment_service.actions.edit_admin import disable_admin
from payment_service.actions.invite_admin import create_owner
from payment_service.kit.errors import Conflict
from payment_service.kit.statements import Transaction, add, save
from payment_service.model.admin import ADMIN, ADMINS, admin_by_id
from payment_service.model.audit import By
from payment_service.model.passkey import Passkey
from payment_service.web.dashboard.cookies import ENTRANCE, SESSION
from tests.clocks import HandClock
from tests.service import Service
from tests.web.dashboard.people import PASSWORD, Browser, Person, other_than, person

DOES_NOT_FIT = "Email, kata sandi, atau kode tidak cocok."
COOKIE = re.compile(r"__Host-session=[\w-]{43}; HttpOnly; Path=/; SameSite=lax; Secure")


def by(clock: HandClock) -> By:
    return By("command line", "for the test", clock.now())


async def first_code(service: Service, clock: HandClock) -> str:
    _, code = await service.runtime.db.write(create_owner, "Sari", "sari@bengkel.id", by(clock))
    return code


async def test_nobody_gets_in_to_a_fresh_installation(service: Service, browser: Browser) -> None:
    assert await service.runtime.db.read(lambda tx: tx.all(ADMINS)) == []
    for email in ("admin", "admin@example.com", "root@localhost", ""):
        for password in ("admin", "password", ""):
            browser.address = f"203.0.113.{len(email + password)}"
            page = await browser.sends("/dashboard/sign-in", email=email, password=password)
            assert page.status in (422, 429)
    assert not browser.is_in


async def test_the_first_owner_comes_in_by_code_password_and_factor(
    service: Service, clock: HandClock, browser: Browser
) -> None:
    code = await first_code(service, clock)
    page = await browser.sends("/dashboard/first", code=code.upper().replace("-", " "))
    assert page.leads_to == "/dashboard/first/password"
    assert not browser.is_in
    assert "sari@bengkel.id" in (await browser.follows(page)).text

    weak = await browser.sends("/dashboard/first/password", password="sari bengkel 123")
    assert weak.status == 422
    assert "Terlalu mudah ditebak" in weak.text
    page = await browser.sends("/dashboard/first/password", password=PASSWORD)
    assert page.leads_to == "/dashboard/first/factor"
    assert not browser.is_in

    page = await browser.follows(page)
    seed = re.findall(r"<code>([A-Z2-7 ]+)</code>", page.html)[0].replace(" ", "")
    fields = page.fields("/dashboard/first/totp")
    shown = pyotp.TOTP(seed).at(clock.now())
    wrong = await browser.ask(
        "POST", "/dashboard/first/totp", {**fields, "code": other_than(shown)}
    )
    assert wrong.status == 422
    assert seed[:4] in wrong.text, "the seed that was scanned must stay"
    page = await browser.ask(
        "POST", "/dashboard/first/totp", {**wrong.fields("/dashboard/first/totp"), "code": shown}
    )
    assert page.status == 200
    codes = re.findall(r"<code>([0-9a-z-]{29})</code>", page.html)
    assert len(set(codes)) == 10
    assert browser.is_in
    assert (await browser.sees("/dashboard")).status == 200


async def test_a_one_time_code_works_once_and_for_fifteen_minutes(
    service: Service, clock: HandClock, browser: Browser
) -> None:
    code = await first_code(service, clock)
    clock.advance(timedelta(minutes=15, seconds=1))
    assert (await browser.sends("/dashboard/first", code=code)).status == 422
    admin = (await service.runtime.db.read(lambda tx: tx.all(ADMINS)))[0]
    assert admin.code_hash is not None
    clock.set(clock.now() - timedelta(seconds=1))
    assert (await browser.sends("/dashboard/first", code=code)).status == 303
    assert (await browser.sends("/dashboard/first", code=code)).status == 422


async def test_a_second_first_owner_is_refused(service: Service, clock: HandClock) -> None:
    await first_code(service, clock)
    with pytest.raises(Conflict, match="owner_exists"):
        await service.runtime.db.write(create_owner, "Rini", "rini@bengkel.id", by(clock))


async def test_a_password_alone_never_yields_a_session(owner: Person, browser: Browser) -> None:
    page = await browser.sends("/dashboard/sign-in", email=owner.email, password=PASSWORD)
    assert page.leads_to == "/dashboard/sign-in/second"
    assert set(browser.cookies) == {ENTRANCE}
    assert (await browser.sees("/dashboard")).leads_to == "/dashboard/sign-in"
    browser.cookies[SESSION] = browser.cookies[ENTRANCE]
    assert (await browser.sees("/dashboard")).leads_to == "/dashboard/sign-in"
    assert (await browser.sends("/dashboard/sign-in/second", code="")).status == 422
    assert (await browser.sees("/dashboard/first/password")).leads_to == "/dashboard/first"


async def test_a_password_without_a_factor_is_no_way_in(
    service: Service, clock: HandClock, browser: Browser
) -> None:
    code = await first_code(service, clock)
    await browser.sends("/dashboard/first", code=code)
    await browser.sends("/dashboard/first/password", password=PASSWORD)
    page = await browser.sends("/dashboard/sign-in", email="sari@bengkel.id", password=PASSWORD)
    assert DOES_NOT_FIT in page.text


async def test_the_cookie_is_bound_to_this_host_and_new_each_time(
    owner: Person, clock: HandClock, browser: Browser
) -> None:
    tokens = {owner.browser.cookies[SESSION]}
    for _ in range(3):
        page = await owner.signs_in(browser, clock)
        (line,) = [
            one
            for one in page.answer.headers.getall("Set-Cookie")  # type: ignore[attr-defined]
            if one.startswith(SESSION)
        ]
        assert COOKIE.fullmatch(line), line
        tokens.add(browser.cookies[SESSION])
    assert len(tokens) == 4


async def test_unknown_wrong_and_disabled_are_told_alike(
    service: Service, owner: Person, clock: HandClock
) -> None:
    out = await person(service, clock, "viewer", "Dewi")
    await service.runtime.db.write(disable_admin, out.id, by(clock))
    told = set()
    for email, password in (
        ("nobody@bengkel.id", PASSWORD), (owner.email, "salah " + PASSWORD), (out.email, PASSWORD),
    ):  # fmt: skip
        page = await Browser(service).sends("/dashboard/sign-in", email=email, password=password)
        told.add((page.status, re.sub(r'(value|data-options)="[^"]*"', "", page.html)))
    assert len(told) == 1
    browser = Browser(service)
    await browser.sends("/dashboard/sign-in", email=owner.email, password=PASSWORD)
    page = await browser.sends("/dashboard/sign-in/second", code=owner.wrong_code(clock))
    assert page.status == 422
    assert DOES_NOT_FIT in page.text


async def test_a_code_of_the_app_counts_once_and_only_while_it_shows(
    service: Service, owner: Person, clock: HandClock
) -> None:
    code = owner.code(clock)
    while pyotp.TOTP(owner.seed).at(clock.advance(timedelta(seconds=30))) == code:
        pass  # by chance it shows once more

    async def second(code: str) -> int:
        one = Browser(service)
        await one.sends("/dashboard/sign-in", email=owner.email, password=PASSWORD)
        return (await one.sends("/dashboard/sign-in/second", code=code)).status

    assert await second(code) == 422, "it no longer shows"
    code = pyotp.TOTP(owner.seed).at(clock.now())
    assert await second(code) == 303
    assert await second(code) == 422, "it was used"
    ahead = pyotp.TOTP(owner.seed).at(clock.now() + timedelta(seconds=30))
    clock.advance(timedelta(seconds=2))
    assert await second(ahead) == 422, "it does not show yet"


async def test_a_recovery_code_counts_once(owner: Person, browser: Browser) -> None:
    code = owner.recovery_codes[3].upper()
    for status in (303, 422):
        await browser.sends("/dashboard/sign-in", email=owner.email, password=PASSWORD)
        page = await browser.sends("/dashboard/sign-in/second", code=code)
        assert page.status == status
    page = await owner.browser.sees("/dashboard/account")
    assert "9 dari 10 belum dipakai" in page.text


async def test_the_second_step_waits_ten_minutes_and_can_be_left(
    owner: Person, clock: HandClock, browser: Browser
) -> None:
    await browser.sends("/dashboard/sign-in", email=owner.email, password=PASSWORD)
    token = browser.cookies[ENTRANCE]
    assert owner.email in (await browser.sees("/dashboard/sign-in/second")).text
    clock.advance(timedelta(minutes=10, seconds=1))
    page = await browser.sees("/dashboard/sign-in/second")
    assert page.leads_to == "/dashboard/sign-in"
    assert "lewat waktu" in (await browser.follows(page)).text
    await browser.sends("/dashboard/sign-in", email=owner.email, password=PASSWORD)
    token = browser.cookies[ENTRANCE]
    await browser.sends("/dashboard/sign-in/leave")
    assert ENTRANCE not in browser.cookies
    browser.cookies[ENTRANCE] = token
    assert (await browser.sees("/dashboard/sign-in/second")).status == 303


async def test_who_was_on_the_way_somewhere_comes_out_there(
    owner: Person, clock: HandClock, browser: Browser
) -> None:
    page = await browser.sees("/dashboard/audit?what=sign_in")
    page = await browser.follows(page)
    fields = page.fields("/dashboard/sign-in")
    fields |= {"email": owner.email, "password": PASSWORD}
    page = await browser.follows(await browser.ask("POST", "/dashboard/sign-in", fields))
    fields = page.fields("/dashboard/sign-in/second") | {"code": owner.code(clock)}
    page = await browser.ask("POST", "/dashboard/sign-in/second", fields)
    assert page.leads_to == "/dashboard/audit?what=sign_in"


async def test_the_way_on_never_leads_elsewhere(
    service: Service, owner: Person, clock: HandClock
) -> None:
    for elsewhere in (
        "https://jahat.id", "//jahat.id", "/dashboard//jahat.id/..", "/\\jahat.id", "/pay/x",
        "/dashboard/%2f%2fjahat.id", "/dashboardx",
        "/dashboard/../../evil", "/dashboard/%2e%2E/pay/x", "/dashboard/a/..",
        "/dashboard/%5cjahat.id",
    ):  # fmt: skip
        one = Browser(service)
        await one.sends("/dashboard/sign-in", email=owner.email, password=PASSWORD, next=elsewhere)
        page = await one.sends("/dashboard/sign-in/second", code=owner.code(clock), next=elsewhere)
        assert page.leads_to == "/dashboard", elsewhere


async def test_an_old_hash_is_renewed_when_its_password_is_used(
    service: Service, owner: Person, clock: HandClock, browser: Browser
) -> None:
    before = await service.runtime.db.read(lambda tx: tx.one(ADMIN, id=owner.id))
    service.runtime.passwords._parameters = (16, 1, 1)
    service.runtime.passwords.__dict__.pop("_argon")
    await owner.signs_in(browser, clock)
    after = await service.runtime.db.read(lambda tx: tx.one(ADMIN, id=owner.id))
    assert before is not None
    assert after is not None
    assert "m=8," in str(before.password_hash)
    assert "m=16," in str(after.password_hash)
    assert browser.is_in


async def test_who_has_no_authenticator_is_asked_for_none(
    service: Service, owner: Person, browser: Browser
) -> None:
    def without(tx: Transaction) -> None:
        admin = admin_by_id(tx, owner.id)
        save(tx, admin, msgspec.structs.replace(admin, totp_seed=None))
        add(tx, Passkey("psk_1", admin.id, "AAAA", "AAAA", 0, "HP", admin.created_at, None, 1))

    await service.runtime.db.write(without)
    second = "/dashboard/sign-in/second"
    await browser.sends("/dashboard/sign-in", email=owner.email, password=PASSWORD)
    page = await browser.sees(second)
    assert "Kode 6 angka" not in page.text
    assert "Kode pemulihan" in page.text
    page = await browser.sends(second, code="000000")
    assert page.status == 422
    assert '<details class="below" open>' in page.html
    assert "tidak cocok" in page.text
    page = await browser.sends(second, code=owner.recovery_codes[0])
    assert page.leads_to == "/dashboard"


async def test_whatever_is_sent_as_a_passkey_is_refused(browser: Browser) -> None:
    for answer in ("", "{}", "[]", "null", "\u202e", '{"id": 5}', "x" * 5000,
                   '{"id":"a","response":{"clientDataJSON":"e30"}}'):  # fmt: skip
        browser.address = f"203.0.113.{len(answer) % 250}"
        page = await browser.sends("/dashboard/sign-in/passkey", passkey=answer)
        assert page.status == 422

"""A form whose session ran out: kept for ten minutes, for the same admin, and never sent by itself;
and a form that is sent twice."""

import re
from datetime import timedelta

from payment_service.model.admin import ADMINS
from payment_service.model.draft import DRAFTS_OF
from tests.clocks import HandClock
from tests.invariants import row_counts
from tests.service import Service
from tests.web.dashboard.conftest import BusyPlace
from tests.web.dashboard.people import Person, person

NEW = "/dashboard/admins/new"
RINI = {"name": "Rini <b>Ayu</b>", "email": "rini@bengkel.id", "role": "finance"}


async def names(service: Service) -> list[str]:
    return [admin.name for admin in await service.runtime.db.read(lambda tx: tx.all(ADMINS))]


async def test_what_was_filled_in_comes_back_after_signing_in_and_is_not_sent(
    service: Service, owner: Person, clock: HandClock
) -> None:
    form = (await owner.browser.sees(NEW)).fields(NEW)
    clock.advance(timedelta(minutes=31))
    page = await owner.browser.ask("POST", NEW, {**form, **RINI})
    assert page.leads_to == "/dashboard/sign-in"
    assert "Isian Anda disimpan 10 menit" in (await owner.browser.follows(page)).text
    page = await owner.signs_in(owner.browser, clock)
    assert page.leads_to.startswith(f"{NEW}?draft=")
    page = await owner.browser.follows(page)
    assert "Isian Anda masih ada." in page.text
    assert page.value("name") == RINI["name"]
    assert page.value("email") == RINI["email"]
    assert 'value="finance" required checked' in page.html
    assert await names(service) == ["Sari"]
    page = await owner.browser.ask("POST", NEW, {**page.fields(NEW), **RINI})
    assert page.status == 200
    assert await names(service) == ["Sari", RINI["name"]]


async def test_a_draft_of_a_folded_form_is_unfolded_and_has_the_focus(
    place: BusyPlace, clock: HandClock
) -> None:
    browser, states = place.owner.browser, place.busy.by_state
    doubt, invoice = states["payments"]["needs_review"], states["invoices"]["open"]
    webhook = place.ids["webhooks"]
    for page, deed, fields in (
        (f"payments/{doubt}", "dismiss", {"dismiss_note": "bukan uang"}),
        (f"invoices/{invoice}", "void", {"reason": "salah pesan"}),
        (f"webhooks/{webhook}", "resend-since", {"since": "2026-03-01"}),
        ("money", "check", {"app": place.busy.app_id, "first": "2026-03-02", "last": ""}),
    ):
        clock.advance(timedelta(minutes=31))
        sent = await browser.sends(f"/dashboard/{page}/{deed}", **fields)
        assert sent.leads_to == "/dashboard/sign-in", page
        shown = await browser.follows(await place.owner.signs_in(browser, clock))
        assert "Isian Anda masih ada." in shown.text, page
        (unfolded,) = re.findall(r'<details class="confirm" open>.*?</details>', shown.html, re.S)
        assert len(re.findall(r" autofocus[ >]", shown.html)) == 1, page
        assert " autofocus" in unfolded, page
        assert all(text in unfolded for text in fields.values()), page


async def test_a_draft_waits_ten_minutes(owner: Person, clock: HandClock) -> None:
    clock.advance(timedelta(minutes=31))
    await owner.browser.sends(NEW, **RINI)
    clock.advance(timedelta(minutes=10))
    page = await owner.signs_in(owner.browser, clock)
    assert page.leads_to == "/dashboard"


async def test_a_draft_is_for_who_wrote_it(
    service: Service, owner: Person, clock: HandClock
) -> None:
    other = await person(service, clock, "owner", "Rini")
    clock.advance(timedelta(minutes=31))
    await owner.browser.sends(NEW, **RINI)
    draft = await service.runtime.db.read(lambda tx: tx.one(DRAFTS_OF, admin_id=owner.id))
    assert draft is not None
    assert RINI["email"] not in draft.fields, "it is sealed"
    page = await other.signs_in(owner.browser, clock)
    assert page.leads_to == "/dashboard"
    page = await owner.browser.sees(f"{NEW}?draft={draft.id}")
    assert page.value("name") == ""


async def test_a_password_is_in_no_draft(service: Service, owner: Person, clock: HandClock) -> None:
    clock.advance(timedelta(minutes=31))
    await owner.browser.sends("/dashboard/account/password", password="rahasia sekali ini")
    draft = await service.runtime.db.read(lambda tx: tx.one(DRAFTS_OF, admin_id=owner.id))
    assert draft is not None
    assert service.runtime.secrets.open_if_ours(draft.fields) == '{"again":"password"}'


async def test_who_signed_out_leaves_no_draft(
    service: Service, owner: Person, database_url: str
) -> None:
    cookies = dict(owner.browser.cookies)
    await owner.browser.sends("/dashboard/sign-out")
    owner.browser.cookies = cookies
    page = await owner.browser.sends(NEW, **RINI)
    assert page.leads_to == "/dashboard/sign-in"
    assert row_counts(database_url)["drafts"] == 0
    assert await names(service) == ["Sari"]


async def test_a_deed_that_wants_a_step_up_finds_its_form_filled_in(
    service: Service, owner: Person, clock: HandClock
) -> None:
    clock.advance(timedelta(minutes=6))
    page = await owner.browser.follows(await owner.browser.sends(NEW, **RINI))
    form = page.fields("/dashboard/step-up")
    page = await owner.browser.ask(
        "POST", "/dashboard/step-up", {**form, "code": owner.code(clock)}
    )
    page = await owner.browser.follows(page)
    assert page.value("email") == RINI["email"]
    assert await names(service) == ["Sari"]


async def test_a_form_that_is_sent_twice_is_done_once(service: Service, owner: Person) -> None:
    form = (await owner.browser.sees(NEW)).fields(NEW)
    first = await owner.browser.ask("POST", NEW, {**form, **RINI})
    again = await owner.browser.ask("POST", NEW, {**form, **RINI, "email": "x@bengkel.id"})
    assert (first.status, again.status) == (200, 409)
    assert "Isian ini sudah terkirim." in again.text
    assert len(await names(service)) == 2


async def test_a_form_that_was_not_drawn_here_does_nothing(service: Service, owner: Person) -> None:
    page = await owner.browser.ask("POST", NEW, RINI)
    assert page.status == 409
    assert await names(service) == ["Sari"]


async def test_a_form_that_was_refused_can_be_mended_and_sent(owner: Person) -> None:
    form = (await owner.browser.sees(NEW)).fields(NEW)
    page = await owner.browser.ask("POST", NEW, {**form, **RINI, "email": owner.email})
    assert page.status == 409
    assert "Sudah ada admin dengan email ini." in page.text
    assert page.value("name") == RINI["name"]
    page = await owner.browser.ask("POST", NEW, {**form, **RINI})
    assert page.status == 200


async def test_forms_with_files_are_read_too(service: Service, owner: Person) -> None:
    boundary = "----tepi"
    parts = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in {**RINI, "form_key": "berkas"}.items()
    )
    file = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="logo"; filename="a.png"\r\n'
        "Content-Type: image/png\r\n\r\n\x89PNG\r\n"
    )
    page = await owner.browser.ask(
        "POST",
        NEW,
        f"{parts}{file}--{boundary}--\r\n",  # type: ignore[arg-type]
        Content_Type=f"multipart/form-data; boundary={boundary}",
    )
    assert page.status == 200
    assert len(await names(service)) == 2

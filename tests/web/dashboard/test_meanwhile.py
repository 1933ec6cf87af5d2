"""Two at one form: whoever comes second is told who was first and what is new, and takes nothing
back by sending it once more."""

import re
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from payment_service.model.plan import PLAN_BY_CODE
from payment_service.web.pages.render import WEB
from tests.clocks import HandClock
from tests.web.dashboard.conftest import BusyPlace
from tests.web.dashboard.overview.conftest import Desk
from tests.web.dashboard.people import Page, Person, person

PAGES = WEB / "templates" / "dashboard"


class Form(NamedTuple):
    """One of the forms: `first` is what Siti changes, `second` what Joko does, and `both` a field,
    what she makes of it, and he."""

    page: str
    action: str
    fields: dict[str, str]
    first: dict[str, str]
    second: dict[str, str]
    both: tuple[str, str, str]


FORMS = (
    Form(
        "/apps/{apps}/settings",
        "/apps/{apps}/settings/schedule",
        {"reminder_days": "-3, 0", "reminder_time": "09:00", "pending_timeout_hours": "24",
         "cancel_after_days": "0"},
        {"grace_days": "11"},
        {"renewal_lead_days": "9"},
        ("pending_timeout_hours", "30", "31"),
    ),
    Form(
        "/apps/{apps}/settings",
        "/apps/{apps}/settings/general",
        {"zone": "Asia/Jakarta", "return_origins": ""},
        {"requests_per_second": "33"},
        {"return_origins": "https://a.id\r\nhttps://b.id"},
        ("name", "Buku Satu", "Buku Dua"),
    ),
    Form(
        "/plans/{plans}/edit",
        "/plans/{plans}/edit",
        {"late_payment": "period_end", "features": ""},
        {"grace_days": "8"},
        {"late_payment": "payment_day"},
        ("name", "Paket Satu", "Paket Dua"),
    ),
    Form(
        "/plans/{plans}/price",
        "/plans/{plans}/price",
        {"reason": "naik", "whom": "keep"},
        {"ahead_3": "400.000"},
        {"ahead_6": "800.000"},
        ("price", "150.000", "160.000"),
    ),
    Form(
        "/customers/{customers}/edit",
        "/customers/{customers}/edit",
        {"metadata": ""},
        {"phone": "0812 3456 7890"},
        {"email": "b@b.id"},
        ("name", "Bengkel Satu", "Bengkel Dua"),
    ),
)  # fmt: skip


async def monthly(place: BusyPlace) -> str:
    """A plan that costs something."""
    app = await place.story.admin()
    plan = await place.story.service.runtime.db.read(
        lambda tx: tx.one(PLAN_BY_CODE, app_id=app.id, code="bulanan")
    )
    assert plan is not None
    return plan.id


def shown(page: Page, action: str) -> dict[str, str]:
    """Everything that its form would send as it stands."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page.html, re.S)
    assert form, action
    texts = re.findall(r'<input[^>]*name="(\w+)"[^>]*?type="text" value="([^"]*)"', form[0])
    texts += re.findall(r'<input[^>]*name="(\w+)" inputmode[^>]*?value="([^"]*)"', form[0])
    areas = re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>([^<]*)</textarea>', form[0])
    picked = re.findall(r'<input type="radio" name="(\w+)" value="(\w+)" required checked', form[0])
    lists = re.findall(r'<select[^>]*name="(\w+)".*?value="([^"]*)" selected', form[0], re.S)
    return {**dict([*texts, *areas, *picked, *lists]), **page.fields(action)}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.action.rpartition("/")[2])
async def test_who_comes_second_sees_what_was_changed_and_keeps_what_is_theirs(
    place: BusyPlace, clock: HandClock, form: Form
) -> None:
    ids = {**place.ids, "plans": await monthly(place)}
    page_at, action = [f"/dashboard{path.format(**ids)}" for path in (form.page, form.action)]
    siti, joko = [
        await person(place.story.service, clock, "owner", name) for name in ("Siti", "Joko")
    ]
    drawn = [shown(await one.browser.sees(page_at), action) for one in (siti, joko)]
    name, first, second = form.both
    rest = {one: text for one, text in form.fields.items() if one in ("reason", "whom")}
    page = await siti.browser.ask("POST", action, {**drawn[0], **rest, **form.first, name: first})
    assert page.status == 303, page.text
    clock.advance(timedelta(minutes=2))
    page = await joko.browser.ask("POST", action, {**drawn[1], **rest, **form.second, name: second})
    assert page.status == 409
    assert "Siti, 2 menit lalu: Mengubah" in page.text
    assert "sudah berubah sementara Anda mengisi" in page.text
    now = shown(page, action)
    for one, text in {**form.first, name: first}.items():
        assert now[one] == text, "the newest"
    for one, text in form.second.items():
        assert now[one] == text.replace("\r\n", "\n"), "nobody else has touched it"
    assert f"Baru diubah. Anda mengisi: {second}" in page.text
    (theirs,) = form.first
    assert f"Baru diubah. Tadinya: {drawn[1][theirs] or '–'}" in page.text
    assert page.html.count('class="was-here"') == 2
    page = await joko.browser.ask("POST", action, {**now, **rest})
    assert page.status == 303, page.text
    now = shown(await siti.browser.sees(page_at), action)
    for one, text in {**form.first, **form.second, name: first}.items():
        assert now[one] == text.replace("\r\n", "\n"), "nothing was taken back"


async def test_a_mistake_on_a_form_that_is_old_by_now_takes_nothing_back_either(
    place: BusyPlace, clock: HandClock
) -> None:
    here = f"/dashboard/apps/{place.ids['apps']}/settings"
    action = f"{here}/schedule"
    joko = await person(place.story.service, clock, "owner", "Joko")
    drawn = [shown(await one.browser.sees(here), action) for one in (place.owner, joko)]
    await place.owner.browser.ask("POST", action, {**drawn[0], "grace_days": "11"})
    page = await joko.browser.ask("POST", action, {**drawn[1], "renewal_lead_days": "sembilan"})
    assert page.status == 422
    assert shown(page, action)["grace_days"] == "11"
    assert shown(page, action)["renewal_lead_days"] == "sembilan"
    assert "Sari baru saja: Mengubah pengaturan aplikasi." in page.text


async def test_a_draft_that_is_old_by_now_shows_what_was_changed(
    place: BusyPlace, clock: HandClock
) -> None:
    here = f"/dashboard/plans/{await monthly(place)}/price"
    joko = await person(place.story.service, clock, "owner", "Joko")
    drawn = shown(await joko.browser.sees(here), here)
    clock.advance(timedelta(minutes=6))
    page = await joko.browser.ask(
        "POST", here, {**drawn, "ahead_12": "1.000.000", "reason": "hemat", "whom": "keep"}
    )
    await place.owner.signs_in(place.owner.browser, clock)
    theirs = shown(await place.owner.browser.sees(here), here)
    sent = {**theirs, "price": "123.000", "reason": "naik", "whom": "keep"}
    assert (await place.owner.browser.ask("POST", here, sent)).status == 303
    page = await proves(joko, clock, page)
    assert "Isian Anda masih ada." in page.text
    assert "Sari baru saja: Mengubah paket." in page.text
    now = shown(page, here)
    assert (now["price"], now["ahead_12"]) == ("123.000", "1.000.000")


async def test_of_two_who_change_a_role_the_second_sees_the_new_one(
    place: BusyPlace, clock: HandClock
) -> None:
    service = place.story.service
    joko, dewi = [await person(service, clock, "owner", name) for name in ("Joko", "Dewi")]
    here = f"/dashboard/admins/{dewi.id}"
    drawn = [shown(await one.browser.sees(here), f"{here}/role") for one in (place.owner, joko)]
    await place.owner.browser.ask("POST", f"{here}/role", {**drawn[0], "role": "finance"})
    page = await joko.browser.ask("POST", f"{here}/role", {**drawn[1], "role": "viewer"})
    assert page.status == 409
    assert shown(page, f"{here}/role")["role"] == "finance"
    assert "Sari baru saja: Mengubah peran." in page.text
    assert "Baru diubah. Anda mengisi: Pelihat" in page.text


async def test_who_finds_an_alert_dealt_with_is_told_by_whom(
    place: BusyPlace, clock: HandClock
) -> None:
    joko = await person(place.story.service, clock, "finance", "Joko")
    app = await place.story.admin()
    desk = Desk(place.story.service, clock)
    alert = await desk.alert("gateway_refused", app.id, None, "HTTP 401")
    action, note = f"/dashboard/alerts/{alert}/clear", {f"note_{alert}": "sudah beres"}
    drawn = (await joko.browser.sees("/dashboard/attention")).fields(action)
    await place.owner.browser.sends(action, **note)
    page = await joko.browser.ask("POST", action, {**drawn, **note})
    assert page.status == 409
    assert "Sari baru saja: Menandai beres." in page.text


def test_every_form_of_a_version_draws_it_by_the_macro_that_compares() -> None:
    by_hand = re.compile(r'type="hidden" name="(?:\w*version|was)"')
    for path in sorted(Path(PAGES).rglob("*.html")):
        if path.name != "kit.html":
            assert not by_hand.search(path.read_text()), path


async def proves(one: Person, clock: HandClock, page: Page) -> Page:
    """By a code, where the page leads; then the page that it leads to."""
    form = (await one.browser.follows(page)).fields("/dashboard/step-up")
    code = one.code(clock)
    return await one.browser.follows(
        await one.browser.ask("POST", "/dashboard/step-up", {**form, "code": code})
    )

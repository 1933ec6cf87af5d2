"""The settings of an app: how it bills, who sells, and what stays."""

import asyncio

from tests.clocks import HandClock
from tests.story import App, Story
from tests.web.dashboard.apps.reading import app_of
from tests.web.dashboard.people import Page, Person, person

SCHEDULE = {
    "renewal_lead_days": "5",
    "grace_days": "3",
    "reminders_before": "3",
    "reminders_after": "0 3,",
    "reminder_time": "08.30",
    "pending_timeout_hours": "48",
    "cancel_after_days": "0",
}
GENERAL = {
    "name": "Buku Bengkel",
    "zone": "Asia/Makassar",
    "invoice_prefix": "bk",
    "requests_per_second": "20",
    "return_origins": "https://bukubengkel.id\r\nhttps://app.bukubengkel.id",
}
SELLER = {"seller_name": "PT Buku", "address": "", "npwp": "01.2", "footer": "Terima kasih"}


async def sends(owner: Person, shop: App, part: str, **fields: str) -> Page:
    here = f"/dashboard/apps/{shop.id}/settings"
    drawn = (await owner.browser.sees(here)).fields(f"{here}/{part}")
    return await owner.browser.ask("POST", f"{here}/{part}", {**drawn, **fields})


async def test_what_is_set_is_how_the_app_bills(story: Story, shop: App, owner: Person) -> None:
    for part, fields in (("schedule", SCHEDULE), ("general", GENERAL), ("seller", SELLER)):
        page = await owner.browser.follows(await sends(owner, shop, part, **fields))
        assert "tersimpan." in page.text
    app = await app_of(story.service, shop.id)
    assert (app.renewal_lead_days, app.grace_days, app.cancel_after_days) == (5, 3, None)
    assert (app.reminder_days, app.reminder_time) == ((-3, 0, 3), "08:30")
    assert (app.name, app.zone, app.invoice_prefix) == ("Buku Bengkel", "Asia/Makassar", "BK")
    assert app.return_origins == ("https://bukubengkel.id", "https://app.bukubengkel.id")
    assert (app.requests_per_second, app.seller.npwp) == (20, "01.2")


async def test_what_cannot_be_is_told_at_its_field_and_changes_nothing(
    story: Story, shop: App, owner: Person
) -> None:
    before = await app_of(story.service, shop.id)
    for part, good, fields, says in (
        ("schedule", SCHEDULE, {"grace_days": "91"}, "Tulis 0 sampai 90 hari."),
        ("schedule", SCHEDULE, {"grace_days": "-1"}, "Tulis 0 sampai 90 hari."),
        ("schedule", SCHEDULE, {"pending_timeout_hours": "1e4"}, "Tulis 1 sampai 720 jam."),
        ("schedule", SCHEDULE, {"cancel_after_days": "9" * 5_000}, "Tulis 0 sampai 365 hari."),
        ("schedule", SCHEDULE, {"reminders_after": "besok"}, "Paling banyak 10 hari"),
        ("schedule", SCHEDULE, {"reminders_before": "99"}, "Paling banyak 10 hari"),
        ("schedule", SCHEDULE, {"reminder_time": "25:00"}, "Tulis jam seperti 09:00."),
        ("general", GENERAL, {"zone": "Europe/Berlin"}, "Pilih salah satu zona."),
        ("general", GENERAL, {"invoice_prefix": "B-1"}, "Awalan 1 sampai 10 huruf besar"),
        ("general", GENERAL, {"requests_per_second": "0"}, "Tulis bilangan 1 sampai 100000."),
        ("general", GENERAL, {"return_origins": "http://10.0.0.1"}, "tidak bisa dipakai"),
        ("general", GENERAL, {"return_origins": "https://a.id/b"}, "tanpa garis miring"),
        ("general", GENERAL, {"name": " "}, "Nama 1 sampai 200 huruf."),
        ("seller", SELLER, {"seller_name": ""}, "Nama penjual 1 sampai 200 huruf."),
        ("seller", SELLER, {"footer": "x" * 501}, "paling banyak 500 huruf"),
    ):
        page = await sends(owner, shop, part, **{**good, **fields})
        assert page.status == 422, fields
        assert says in page.text, fields
        assert page.html.count('class="field wrong"') == 1, fields
    assert await app_of(story.service, shop.id) == before


async def test_zone_and_prefix_stay_once_something_was_counted_with_them(
    story: Story, shop: App, owner: Person
) -> None:
    await story.subscribe("Bengkel Sari", "bulanan")
    page = await owner.browser.sees(f"/dashboard/apps/{shop.id}/settings")
    assert "Tetap, karena sudah ada langganan" in page.text
    kept = {"name": "BukuBengkel", "zone": "Asia/Jakarta", "invoice_prefix": "BB",
            "requests_per_second": "50", "return_origins": ""}  # fmt: skip
    page = await sends(owner, shop, "general", **{**kept, "zone": "Asia/Jayapura"})
    assert page.status == 409
    assert "Zona tetap" in page.text
    page = await sends(owner, shop, "general", **{**kept, "invoice_prefix": "XX"})
    assert page.status == 409
    assert "Awalan tetap" in page.text


async def test_of_two_admins_who_change_the_same_app_one_is_told(
    story: Story, shop: App, owner: Person, clock: HandClock
) -> None:
    other = await person(story.service, clock, "owner", "Rini")
    here = f"/dashboard/apps/{shop.id}/settings"
    forms = [(await one.browser.sees(here)).fields(f"{here}/schedule") for one in (owner, other)]
    pages = await asyncio.gather(
        owner.browser.ask("POST", f"{here}/schedule", {**forms[0], **SCHEDULE}),
        other.browser.ask("POST", f"{here}/schedule", {**forms[1], **SCHEDULE, "grace_days": "9"}),
    )
    assert sorted(page.status for page in pages) == [303, 409]
    (told,) = [page for page in pages if page.status == 409]
    assert "Ini sudah berubah sementara Anda mengisi." in told.text

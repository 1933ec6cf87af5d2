"""Webhook endpoints of an app: added, changed, off and on, removed; and what signs for them."""

import asyncio
from datetime import timedelta

import pytest

from tests.clocks import HandClock
from tests.story import App, Story
from tests.web.dashboard.apps.reading import deeds, endpoints_of, shown, with_its_worker
from tests.web.dashboard.people import Page, Person, person


async def first(story: Story, shop: App) -> str:
    (endpoint,) = await endpoints_of(story.service, shop.id)
    return f"/dashboard/endpoints/{endpoint.id}"


async def sends(owner: Person, here: str, deed: str = "", **fields: str) -> Page:
    """With what the page drew into that form."""
    drawn = (await owner.browser.sees(here)).fields(here + deed)
    return await owner.browser.ask("POST", here + deed, {**drawn, **fields})


async def test_an_endpoint_that_is_added_hears_what_was_ticked(
    story: Story, shop: App, owner: Person
) -> None:
    here = f"/dashboard/apps/{shop.id}/endpoints/new"
    ticked = {"which": "some", "invoice.paid": "yes", "invoice.voided": "yes"}
    page = await owner.browser.sends(here, url=story.receiver.url, **ticked)
    assert page.status == 409
    assert "setiap kabar datang dua kali" in page.text
    url = f"{story.receiver.url}?gudang"
    page = await owner.browser.sends(here, url=url, description="gudang", **ticked)
    secret = shown(page, "webhook-secret")
    found = await endpoints_of(story.service, shop.id)
    (made,) = [one for one in found if one.description == "gudang"]
    assert made.types == ("invoice.paid", "invoice.voided")
    page = await owner.browser.sees(f"/dashboard/endpoints/{made.id}")
    assert "gudang" in page.html
    assert secret not in page.html
    assert page.html.count(" checked") == 3
    page = await owner.browser.sees(f"/dashboard/apps/{shop.id}/endpoints")
    assert "2 jenis" in page.text


async def test_it_is_changed_turned_off_turned_on_tried_and_removed(
    story: Story, shop: App, owner: Person, database_url: str
) -> None:
    here = await first(story, shop)
    page = await owner.browser.follows(
        await sends(owner, here, url=f"{story.receiver.url}?kunci=rahasia", which="all")
    )
    assert "Alamat tersimpan." in page.text
    page = await owner.browser.follows(await sends(owner, here, "/off"))
    assert "Dimatikan dengan tangan." in page.text
    assert (await owner.browser.sends(f"{here}/test")).status == 409
    page = await owner.browser.follows(await sends(owner, here, "/on"))
    assert "Sehat" in page.text
    page = await with_its_worker(story.service, sends(owner, here, "/test"))
    assert "Terkirim endpoint.test · HTTP 200" in (await owner.browser.follows(page)).text
    page = await owner.browser.follows(await sends(owner, here, "/delete"))
    assert "Belum ada alamat webhook" in page.text
    assert (await owner.browser.sees(here)).status == 404
    log = deeds(database_url)
    assert [line.split()[0] for line in log][-4:] == [
        "endpoint.edit", "endpoint.edit", "endpoint.edit", "endpoint.delete",
    ]  # fmt: skip
    assert "rahasia" not in "".join(log)


async def test_a_secret_is_seen_by_who_proves_who_they_are_and_that_is_written_down(
    story: Story, shop: App, owner: Person, clock: HandClock, database_url: str
) -> None:
    here = await first(story, shop)
    page = await sends(owner, here, "/reveal")
    assert shown(page, "webhook-secret") == shop.webhook_secret
    assert deeds(database_url)[-1].startswith("endpoint.reveal_secret on the apps pages")
    assert shop.webhook_secret not in (await owner.browser.sees(here)).html
    clock.advance(timedelta(minutes=6))
    page = await owner.browser.sends(f"{here}/reveal")
    assert page.leads_to.startswith("/dashboard/step-up?next=")
    finance = await person(story.service, clock, "finance", "Rini")
    page = await finance.browser.sends(f"{here}/reveal")
    assert page.status == 403
    assert shop.webhook_secret not in page.html


async def test_a_new_secret_signs_beside_the_old_one_for_a_while(
    story: Story, shop: App, owner: Person
) -> None:
    here = await first(story, shop)
    drawn = (await owner.browser.sees(here)).fields(f"{here}/roll")
    page = await owner.browser.ask("POST", f"{here}/roll", {**drawn, "keep_hours": "24"})
    secret = shown(page, "webhook-secret")
    assert secret != shop.webhook_secret
    assert "Yang lama masih ikut menandatangani sampai" in (await owner.browser.sees(here)).text
    again = {**drawn, "form_key": "lain", "keep_hours": "24"}
    page = await owner.browser.ask("POST", f"{here}/roll", again)
    assert page.status == 409
    drawn = (await owner.browser.sees(here)).fields(f"{here}/roll")
    page = await owner.browser.ask("POST", f"{here}/roll", {**drawn, "keep_hours": "24"})
    assert page.status == 409
    assert "Rahasia sebelumnya masih ikut menandatangani." in page.text


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"url": "http://10.0.0.1/x"}, "Alamat ini tidak bisa dipakai."),
        ({"url": "javascript:alert(1)"}, "Alamat ini tidak bisa dipakai."),
        ({"url": "https://a.id/" + "x" * 9_000}, "Alamat ini tidak bisa dipakai."),
        ({"which": "some"}, "Centang paling sedikit satu peristiwa"),
        ({"description": "x" * 201}, "Keterangan paling banyak 200 huruf."),
        ({"version": "0"}, "Ini sudah berubah sementara Anda mengisi."),
    ],
)
async def test_what_cannot_be_is_told_at_its_field_and_changes_nothing(
    story: Story, shop: App, owner: Person, fields: dict[str, str], says: str
) -> None:
    here = await first(story, shop)
    before = await endpoints_of(story.service, shop.id)
    good = {"url": "https://bukubengkel.id/hook", "which": "all", "description": ""}
    page = await sends(owner, here, **{**good, **fields})
    assert page.status in (409, 422)
    assert says in page.text
    assert await endpoints_of(story.service, shop.id) == before


async def test_of_two_admins_who_change_the_same_endpoint_one_is_told(
    story: Story, shop: App, owner: Person, clock: HandClock
) -> None:
    here = await first(story, shop)
    other = await person(story.service, clock, "owner", "Rini")
    forms = [(await one.browser.sees(here)).fields(here) for one in (owner, other)]
    changed = {"url": story.receiver.url, "which": "all"}
    pages = await asyncio.gather(
        owner.browser.ask("POST", here, {**forms[0], **changed, "description": "satu"}),
        other.browser.ask("POST", here, {**forms[1], **changed, "description": "dua"}),
    )
    assert sorted(page.status for page in pages) == [303, 409]

"""The API keys of an app: shown once, replaced with an overlap, revoked for good."""

from datetime import timedelta

import pytest

from tests.clocks import HandClock
from tests.service import Service
from tests.story import App, Story
from tests.web.dashboard.apps.reading import deeds, keys_of, shown
from tests.web.dashboard.people import Person, person


async def opens(service: Service, key: str) -> bool:
    headers = {"Authorization": f"Bearer {key}"}
    return (await service.ask("GET", "/v1/app", headers=headers)).status == 200


async def test_a_key_is_shown_once_and_does_what_was_ticked(
    story: Story, shop: App, owner: Person, database_url: str
) -> None:
    here = f"/dashboard/apps/{shop.id}/keys"
    page = await owner.browser.sends(f"{here}/new", name="Laporan malam", scope_read="yes")
    key = shown(page, "api-key")
    assert await opens(story.service, key)
    (made,) = [one for one in await keys_of(story.service, shop.id) if one.name == "Laporan malam"]
    assert made.scopes == ("read",)
    page = await owner.browser.sees(here)
    assert "Laporan malam" in page.text
    assert "hanya baca" in page.text
    assert key not in page.html
    assert not [line for line in deeds(database_url) if key in line]


async def test_a_key_is_replaced_while_the_old_one_holds_for_a_while(
    story: Story, shop: App, owner: Person, clock: HandClock
) -> None:
    (old,) = await keys_of(story.service, shop.id)
    here = f"/dashboard/keys/{old.id}"
    fields = (await owner.browser.sees(here)).fields(f"{here}/roll")
    page = await owner.browser.ask("POST", f"{here}/roll", {**fields, "ends_in": "3600"})
    new = shown(page, "api-key")
    assert await opens(story.service, new)
    assert await opens(story.service, shop.api_key)
    assert "Sedang diganti" in (await owner.browser.sees(f"/dashboard/apps/{shop.id}/keys")).text
    again = {**fields, "form_key": "lain", "ends_in": "3600"}
    page = await owner.browser.ask("POST", f"{here}/roll", again)
    assert page.status == 409
    assert "Ini sudah berubah sementara Anda mengisi." in page.text
    clock.advance(timedelta(hours=1, seconds=1))
    assert not await opens(story.service, shop.api_key)
    assert await opens(story.service, new)


async def test_a_revoked_key_is_refused_at_once_and_the_second_is_told(
    story: Story, shop: App, owner: Person, clock: HandClock
) -> None:
    (key,) = await keys_of(story.service, shop.id)
    other = await person(story.service, clock, "owner", "Rini")
    page = await owner.browser.follows(
        await owner.browser.sends(f"/dashboard/keys/{key.id}/revoke")
    )
    assert f"Kunci {key.name} dicabut." in page.text
    assert not await opens(story.service, shop.api_key)
    page = await other.browser.sends(f"/dashboard/keys/{key.id}/revoke")
    assert page.status == 409
    assert "Kunci ini sudah dicabut atau berakhir." in page.text


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": "", "scope_read": "yes"}, "Nama 1 sampai 200 huruf."),
        ({"name": "x" * 10_000, "scope_read": "yes"}, "Nama 1 sampai 200 huruf."),
        ({"name": "Server"}, "Centang paling sedikit satu."),
    ],
)
async def test_what_cannot_be_makes_no_key(
    story: Story, shop: App, owner: Person, fields: dict[str, str], says: str
) -> None:
    page = await owner.browser.sends(f"/dashboard/apps/{shop.id}/keys/new", **fields)
    assert page.status == 422
    assert says in page.text
    assert len(await keys_of(story.service, shop.id)) == 1


async def test_access_pass_keys_are_replaced_and_withdrawn(owner: Person) -> None:
    here = "/dashboard/pass-keys"
    page = await owner.browser.sends(f"{here}/roll", reason="")
    assert page.status == 422
    assert "Tulis alasannya" in page.text
    page = await owner.browser.follows(
        await owner.browser.sends(f"{here}/roll", reason="tiap tahun")
    )
    assert "Menunggu jamnya" in page.text
    page = await owner.browser.sends(f"{here}/roll", reason="lagi")
    assert page.status == 409
    assert "menunggu jamnya" in page.text
    page = await owner.browser.follows(
        await owner.browser.sends(f"{here}/withdraw", reason="bocor")
    )
    assert page.text.count("Ditarik") == 2
    assert "Menandatangani" in page.text

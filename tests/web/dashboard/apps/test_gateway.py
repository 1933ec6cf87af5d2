"""An app's gateway: set up once, tried at once, and its secrets never seen again."""

from datetime import timedelta

from payment_service.model.draft import DRAFTS_OF, fields_of
from tests.clocks import HandClock
from tests.service import API_KEY, NOTICE_SECRET, PROJECT
from tests.story import App, Story
from tests.web.dashboard.apps.reading import app_of, deeds
from tests.web.dashboard.people import Page, Person


async def sends(owner: Person, shop: App, **fields: str) -> Page:
    edit = f"/dashboard/apps/{shop.id}/gateway/edit"
    drawn = (await owner.browser.sees(edit)).fields(edit)
    return await owner.browser.ask("POST", edit, {**drawn, **fields})


async def test_a_working_gateway_says_so_and_a_wrong_key_is_told(
    shop: App, owner: Person, database_url: str
) -> None:
    here = f"/dashboard/apps/{shop.id}/gateway"
    page = await owner.browser.follows(await owner.browser.sends(f"{here}/check"))
    assert "Tersambung. Gateway menerima kuncinya." in page.text
    assert "menerima kuncinya" not in (await owner.browser.sees(here)).text
    page = await owner.browser.follows(
        await sends(owner, shop, project=PROJECT, api_key="salah-sama-sekali")
    )
    assert "Gateway terjangkau, tetapi menolak kuncinya." in page.text
    page = await owner.browser.follows(await sends(owner, shop, project=PROJECT, api_key=API_KEY))
    assert "Tersambung." in page.text
    for secret in (API_KEY, NOTICE_SECRET, "salah-sama-sekali"):
        assert secret not in page.html
        assert not [line for line in deeds(database_url) if secret in line]
    assert [line.split()[0] for line in deeds(database_url)].count("app.set_gateway") == 2


async def test_a_gateway_that_is_silent_is_kept_and_told(
    story: Story, shop: App, owner: Person
) -> None:
    await story.pakasir.stop()
    page = await owner.browser.follows(
        await owner.browser.sends(f"/dashboard/apps/{shop.id}/gateway/check")
    )
    assert "Gateway tidak menjawab." in page.text


async def test_what_cannot_be_is_told_at_its_field_and_changes_nothing(
    story: Story, shop: App, owner: Person
) -> None:
    before = await app_of(story.service, shop.id)
    for fields, says in (
        ({"project": "dua kata"}, "Tulis slug proyek"),
        ({"api_key": "kunci\u00e9"}, "Isi kunci API dan rahasia webhook"),
        ({"api_key": "x" * 10_000}, "Isi kunci API dan rahasia webhook"),
        ({"origin": "https://pakasir.example.com"}, "Alamat lain meminta kunci API lagi."),
        ({"origin": "http://10.0.0.1", "api_key": "k"}, "Alamat ini tidak bisa dipakai."),
        ({"version": "v3"}, "Pilih versi 1 atau 2."),
        ({"app_version": "0"}, "Admin lain baru saja mengubahnya."),
    ):
        page = await sends(owner, shop, **{"project": PROJECT, **fields})
        assert page.status in (409, 422), fields
        assert says in page.text, fields
        assert "kunci\u00e9" not in page.html
    assert await app_of(story.service, shop.id) == before


async def test_a_form_that_waits_for_who_signed_out_keeps_no_secret(
    story: Story, shop: App, owner: Person, clock: HandClock
) -> None:
    edit = f"/dashboard/apps/{shop.id}/gateway/edit"
    clock.advance(timedelta(minutes=31))
    page = await owner.browser.sends(
        edit, project="lain", api_key="kunci-baru", webhook_secret="rahasia-baru"
    )
    assert page.leads_to == "/dashboard/sign-in"
    runtime = story.service.runtime
    (draft,) = await runtime.db.read(lambda tx: tx.all(DRAFTS_OF, admin_id=owner.id))
    assert fields_of(runtime.secrets, draft) == {"project": "lain"}


async def test_codes_that_can_still_be_paid_are_given_up_only_when_that_is_said(
    story: Story, shop: App, owner: Person
) -> None:
    tenant = await story.subscribe("Bengkel Sari", "bulanan")
    await tenant.asks_for_code()
    page = await sends(owner, shop, project="lain", api_key=API_KEY)
    assert page.status == 409
    assert "Masih ada kode yang bisa dibayar lewat gateway sekarang." in page.text
    page = await sends(owner, shop, project="lain", api_key=API_KEY, abandon="yes")
    assert page.status == 303
    assert (await app_of(story.service, shop.id)).gateway_project == "lain"

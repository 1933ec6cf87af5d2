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
        ({"app_version": "0"}, "Ini sudah berubah sementara Anda mengisi."),
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
    kept = {"project": "lain", "again": "api_key webhook_secret"}
    assert fields_of(runtime.secrets, draft) == kept


async def proves(owner: Person, clock: HandClock, page: Page) -> Page:
    """By a code, where the page leads; then the page that it leads to."""
    page = await owner.browser.follows(page)
    form = page.fields("/dashboard/step-up")
    code = owner.code(clock)
    return await owner.browser.follows(
        await owner.browser.ask("POST", "/dashboard/step-up", {**form, "code": code})
    )


async def test_a_key_that_was_not_kept_is_asked_for_again_and_an_empty_one_is_no_answer(
    story: Story, shop: App, owner: Person, clock: HandClock
) -> None:
    edit = f"/dashboard/apps/{shop.id}/gateway/edit"
    before = await app_of(story.service, shop.id)
    drawn = (await owner.browser.sees(edit)).fields(edit)
    clock.advance(timedelta(minutes=6))
    typed = {"project": PROJECT, "api_key": "kunci-baru"}
    page = await proves(owner, clock, await owner.browser.ask("POST", edit, {**drawn, **typed}))
    assert "Isian Anda masih ada." in page.text
    assert "Kunci, kata sandi, dan berkas tidak ikut disimpan." in page.text
    assert page.text.count("Ini tidak disimpan. Isi sekali lagi.") == 1
    assert "Kosongkan kalau tidak berubah." in page.text, "at the secret that was not typed"
    for _ in range(2):
        page = await owner.browser.ask("POST", edit, {**page.fields(edit), "project": PROJECT})
        assert page.status == 422
        assert "Isian ini tidak disimpan dan sekarang kosong." in page.text
        assert page.html.count('class="field wrong"') == 1
    assert await app_of(story.service, shop.id) == before
    sent = {**page.fields(edit), "project": PROJECT, "api_key": API_KEY}
    assert (await owner.browser.ask("POST", edit, sent)).status == 303


async def test_a_key_beside_another_mistake_is_asked_for_again(shop: App, owner: Person) -> None:
    page = await sends(owner, shop, project="dua kata", api_key="kunci-baru")
    edit = f"/dashboard/apps/{shop.id}/gateway/edit"
    page = await owner.browser.ask("POST", edit, {**page.fields(edit), "project": PROJECT})
    assert page.status == 422
    assert "Isian ini tidak disimpan dan sekarang kosong." in page.text


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

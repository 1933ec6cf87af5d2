"""Registering an app: five calm steps, after which its key opens the API and its webhook rings."""

from datetime import timedelta

from tests.clocks import HandClock
from tests.service import API_KEY, NOTICE_SECRET, PROJECT
from tests.story import Story
from tests.web.dashboard.apps.reading import all_apps, deeds, keys_of, shown, with_its_worker
from tests.web.dashboard.people import Person

NEW = "/dashboard/apps/new"


async def registered(owner: Person, name: str = "Parkir Log", mode: str = "test") -> str:
    """The address of the new app's pages."""
    page = await owner.browser.sends(NEW, name=name, mode=mode, many="yes")
    here, _, step = page.leads_to.rpartition("/setup/")
    assert step == "seller"
    return here


async def test_after_five_steps_the_key_opens_the_api_and_the_webhook_has_rung(
    story: Story, owner: Person, database_url: str
) -> None:
    browser, service = owner.browser, story.service
    here = await registered(owner)
    seller = await browser.sees(f"{here}/setup/seller")
    assert "Parkir Log terdaftar." in (await browser.sees("/dashboard/apps")).text + seller.text
    fields = seller.fields(f"{here}/setup/seller")
    page = await browser.ask(
        "POST",
        f"{here}/setup/seller",
        {**fields, "seller_name": "PT Parkir", "address": "Jl. Panjang 8\nJakarta", "npwp": ""},
    )
    assert page.leads_to == f"{here}/setup/gateway"
    page = await browser.follows(await browser.sends(f"{here}/setup/gateway/check"))
    assert "Tersambung. Gateway menerima kuncinya." in page.text
    sending = browser.sends(f"{here}/setup/webhook", url=story.receiver.url)
    page = await browser.follows(await with_its_worker(service, sending))
    assert "Terkirim endpoint.test · HTTP 200" in page.text
    assert [b"endpoint.test" in one.body for one in story.receiver.heard] == [True]
    page = await browser.sends(f"{here}/setup/key", name="Server utama")
    key, secret = shown(page, "api-key"), shown(page, "webhook-secret")
    assert f"PAYMENT_SERVICE_URL={service.origin}" in page.text
    assert f"PAYMENT_SERVICE_API_KEY={key}" in page.text
    assert f"PAYMENT_SERVICE_WEBHOOK_SECRET={secret}" in page.text
    assert 'href="/v1/docs"' in page.html
    answer = await service.ask("GET", "/v1/app", headers={"Authorization": f"Bearer {key}"})
    assert answer.json["name"] == "Parkir Log"
    assert answer.json["many_subscriptions"] is True
    assert answer.json["seller"]["address"] == "Jl. Panjang 8, Jakarta"
    for path in (here, f"{here}/keys", f"{here}/endpoints", "/dashboard/audit"):
        later = await browser.sees(path)
        assert key not in later.html
        assert secret not in later.html
    log = deeds(database_url)
    for deed in ("app.register", "app.set", "endpoint.create", "key.create",
                 "endpoint.reveal_secret"):  # fmt: skip
        assert any(line.startswith(f"{deed} on the apps pages") for line in log), deed
    assert not [line for line in log if key in line or secret in line]


async def test_a_live_app_is_told_what_it_still_lacks(story: Story, owner: Person) -> None:
    browser = owner.browser
    here = await registered(owner, "Kasir Kita", "live")
    page = await browser.sees(here)
    assert "Belum bisa menagih: gateway belum dipasang." in page.text
    page = await browser.follows(
        await browser.sends(
            f"{here}/setup/gateway",
            app_version="1",
            project=PROJECT,
            api_key=API_KEY,
            webhook_secret=NOTICE_SECRET,
            origin=story.pakasir.origin,
            version="v2",
        )
    )
    assert "Tersambung. Gateway menerima kuncinya." in page.text
    assert "Biaya untuk bayaran Rp99.000 adalah Rp" in page.text
    assert (
        f"{story.service.origin}/gateway/pakasir/" in (await browser.sees(f"{here}/gateway")).text
    )
    assert "Pendaftaran belum selesai." in (await browser.sees(here)).text
    await browser.sends(f"{here}/setup/key", name="Server utama")
    page = await browser.sees(here)
    assert "belum selesai" not in page.text
    assert "Belum ada alamat." in page.text


async def test_what_cannot_be_is_told_at_its_field_and_registers_nothing(
    story: Story, owner: Person
) -> None:
    for fields, says in (
        ({"name": ""}, "Nama 1 sampai 200 huruf."),
        ({"name": "x" * 10_000}, "Nama 1 sampai 200 huruf."),
        ({"name": "a\u202eb"}, "Ada huruf yang tidak terlihat"),
        ({"name": "a\tb"}, "Ada huruf yang tidak terlihat"),
        ({"mode": "both"}, "Pilih uji coba atau sungguhan."),
    ):
        page = await owner.browser.sends(NEW, **{"name": "Parkir", "mode": "test", **fields})
        assert page.status == 422
        assert says in page.text, fields
    assert await all_apps(story.service) == []


async def test_a_strange_name_stays_a_name(owner: Person) -> None:
    names = ("<script>alert(1)</script>", "Bengkel 🛠️ Sari", "شركة الفواتير", "{{ 7*7 }} & Co")
    for name in names:
        here = await registered(owner, name)
        page = await owner.browser.sees(here)
        assert " ".join(name.split()) in page.text
    page = await owner.browser.sees("/dashboard/apps")
    assert all(name in page.text for name in names)
    assert "<script>alert" not in page.html
    assert "49 &" not in page.text


async def test_a_form_that_is_sent_twice_registers_one_app(story: Story, owner: Person) -> None:
    fields = {"form_key": "satu", "name": "Parkir", "mode": "test"}
    assert (await owner.browser.ask("POST", NEW, fields)).status == 303
    page = await owner.browser.ask("POST", NEW, fields)
    assert page.status == 409
    assert len(await all_apps(story.service)) == 1


async def test_the_key_at_the_end_asks_for_proof_first(
    story: Story, owner: Person, clock: HandClock
) -> None:
    here = await registered(owner)
    clock.advance(timedelta(minutes=6))
    page = await owner.browser.sends(f"{here}/setup/key", name="Server utama")
    assert page.leads_to.startswith("/dashboard/step-up?next=")
    assert await keys_of(story.service, here.rpartition("/")[2]) == []
    page = await owner.browser.sees(f"{here}/setup/gateway")
    assert page.leads_to.startswith("/dashboard/step-up?next=")


async def test_an_empty_place_says_how_to_begin(owner: Person) -> None:
    page = await owner.browser.sees("/dashboard/apps")
    assert "Daftarkan aplikasi pertama" in page.text
    for path in ("/dashboard/apps/app_none", "/dashboard/apps/x'--", "/dashboard/apps/none/keys"):
        assert (await owner.browser.sees(path)).status == 404

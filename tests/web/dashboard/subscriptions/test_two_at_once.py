"""Two at one subscription, who may do what there, and what a deed is told that comes too late."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from tests.clocks import HandClock
from tests.scenarios.renewals import comes_due, last_day, starts
from tests.story import Story
from tests.web.dashboard.people import Person, person
from tests.web.dashboard.subscriptions.desk import WHY, address, does, log_of, marking

DEEDS = ("extend", "move", "suspend", "resume", "cancel", "undo-cancel", "plan", "invoice",
         "one-off", "pay-link")  # fmt: skip


async def test_of_two_who_give_days_the_second_is_told_who_was_first(
    story: Story, sari: Person, clock: HandClock
) -> None:
    tenant = await starts(story)
    budi = await person(story.service, clock, "owner", "Budi")
    path = address(tenant, "extend")
    seen = {one.name: (await one.browser.sees(path)).fields(path) for one in (sari, budi)}
    page = await sari.browser.sends(path, **seen["Sari"], reason=WHY)
    assert page.status == 303
    through = await last_day(tenant)
    page = await budi.browser.sends(path, **seen["Budi"], reason="maaf gangguan")
    assert page.status == 409
    assert "Sari baru saja: Memberi hari tambahan." in page.text
    assert "sudah berubah sementara Anda mengisi" in page.text
    assert await last_day(tenant) == through
    again = await budi.browser.sends(path, **page.fields(path), reason="maaf gangguan")
    assert again.status == 303


async def test_of_two_who_suspend_the_second_sees_that_it_is_done(
    story: Story, sari: Person, clock: HandClock
) -> None:
    tenant = await starts(story)
    budi = await person(story.service, clock, "owner", "Budi")
    path = address(tenant, "suspend")
    seen = (await budi.browser.sees(path)).fields(path)
    await does(sari, tenant, "suspend")
    page = await budi.browser.sends(path, **seen, reason=WHY)
    assert page.status == 409
    assert "Langganan ini sudah ditangguhkan oleh admin." in page.text
    assert "Sari baru saja: Menangguhkan langganan." in page.text
    assert len(await log_of(story, tenant.id)) == 1


async def test_who_marks_paid_what_was_paid_meanwhile_is_told(story: Story, sari: Person) -> None:
    tenant = await starts(story)
    await comes_due(story, tenant, 1)
    await sari.signs_in(sari.browser, story.clock)
    query = await marking(sari, tenant)
    path = query.partition("?")[0]
    seen = (await sari.browser.sees(query)).fields(path)
    await tenant.pays(await tenant.asks_for_code())
    page = await sari.browser.sends(path, **seen, reference="BCA 1", reason=WHY)
    assert page.status == 409
    assert "Tagihan ini sudah lunas." in page.text
    assert f'href="{address(tenant)}"' in page.html


async def test_a_viewer_sees_the_pay_link_and_no_deed_and_can_do_none(
    story: Story, clock: HandClock
) -> None:
    tenant = await starts(story)
    viewer = await person(story.service, clock, "viewer", "Dewi")
    page = await viewer.browser.sees(address(tenant))
    token = (await tenant.subscription())["pay_url"].rpartition("/")[2]
    assert page.status == 200
    assert token in page.html
    assert "Ganti tautan" not in page.text
    invoice = tenant.first_answer["open_invoice"]
    told = await viewer.browser.sees(f"/dashboard/invoices/{invoice['id']}")
    assert "Tandai lunas" not in told.text
    assert "Tangguhkan" not in page.text
    assert "CSV" not in (await viewer.browser.sees("/dashboard/subscriptions")).text
    for deed in DEEDS:
        assert (await viewer.browser.sees(address(tenant, deed))).status == 403
        assert (await viewer.browser.sends(address(tenant, deed), reason=WHY)).status == 403
    assert {entry.deed for entry in await log_of(story, tenant.id)} == {"refused"}


async def test_every_state_has_its_page_and_only_deeds_that_it_allows(
    story: Story, sari: Person
) -> None:
    tenant = await starts(story)
    await does(sari, tenant, "cancel", "?at=now")
    page = await sari.browser.sees(address(tenant))
    assert "Batalkan langganan" not in page.text
    for deed in ("extend", "move", "suspend", "resume", "cancel", "undo-cancel", "plan", "invoice"):
        page = await sari.browser.sees(address(tenant, deed))
        assert "Langganan ini sudah berakhir." in page.text
        page = await sari.browser.sends(address(tenant, deed), reason=WHY, days="7", seq="2")
        assert page.status in (409, 422)


async def test_a_strange_name_stays_a_name_everywhere(story: Story, sari: Person) -> None:
    name = '<script>alert(1)</script> شركة 🛠️ {{ 7*7 }} "&"'
    tenant = await story.subscribe(name, "bulanan")
    for path in ("/dashboard/subscriptions", address(tenant),
                 *(address(tenant, deed) for deed in DEEDS)):  # fmt: skip
        page = await sari.browser.sees(path)
        assert page.status == 200
        assert name in page.text, path
        assert "<script>alert" not in page.html


async def test_what_is_not_there_is_told_so(sari: Person) -> None:
    for path in ("sub_none", "sub_none/extend", "x" * 3_000):
        page = await sari.browser.sees(f"/dashboard/subscriptions/{path}")
        assert page.status == 404


async def test_what_was_chosen_is_still_there_after_the_proof(
    story: Story, sari: Person, clock: HandClock
) -> None:
    tenant = await starts(story)
    before = await last_day(tenant)
    clock.advance(timedelta(minutes=6))
    page = await does(sari, tenant, "extend", "?days=14", reason="server mati")
    assert page.leads_to.startswith("/dashboard/step-up")
    assert await last_day(tenant) == before
    back = parse_qs(urlsplit(page.leads_to).query)["next"][0]
    proof = await sari.browser.sends("/dashboard/step-up", code=sari.code(clock), next=back)
    page = await sari.browser.follows(proof)
    assert "Isian Anda masih ada." in page.text
    assert "Beri 14 hari" in page.text
    path = address(tenant, "extend")
    page = await sari.browser.sends(path, **page.fields(path), reason="server mati")
    assert page.status == 303
    assert await last_day(tenant) == before + timedelta(days=14)

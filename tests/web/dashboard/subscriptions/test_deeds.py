"""Each deed on a subscription: what the page says will come of it comes of it, with its reason."""

import re
from datetime import timedelta

from tests.scenarios.renewals import comes_due, last_day, starts
from tests.story import Story
from tests.web.dashboard.people import Person, person
from tests.web.dashboard.subscriptions.desk import (
    WHY,
    address,
    and_sees,
    does,
    log_of,
    marking,
    marks_paid,
)

DAY = timedelta(days=1)


async def test_days_that_are_given_move_the_last_day(story: Story, sari: Person) -> None:
    tenant = await starts(story)
    before = await last_day(tenant)
    page = await sari.browser.sees(address(tenant, "extend") + "?days=14")
    assert "28 Februari 2026 → 14 Maret 2026" in page.text
    told = await and_sees(sari, await does(sari, tenant, "extend", "?days=14"))
    assert "dibayar sampai 14 Maret 2026" in told
    assert await last_day(tenant) == before + 14 * DAY
    (entry,) = await log_of(story, tenant.id)
    assert (entry.actor, entry.deed, entry.reason) == (sari.id, "subscription.extend", WHY)


async def test_the_days_that_are_offered_reach_today(story: Story) -> None:
    """Who was suspended for not paying has a last day that is long over."""
    tenant = await story.subscribe("Bengkel Jaya Motor", "bulanan")
    await tenant.pays(await tenant.asks_for_code())
    await story.days_pass(50)
    assert await tenant.status() == "suspended"
    rini = await person(story.service, story.clock, "finance", "Rini")
    page = await rini.browser.sees(address(tenant, "extend"))
    assert "sudah lewat" not in page.text
    assert "?days=7" not in page.html
    assert "Akses terbuka lagi sekarang." in page.text


async def test_days_that_are_none_are_told_at_their_field(story: Story, sari: Person) -> None:
    tenant = await starts(story)
    for days in ("0", "367", "-3", "tujuh", "9" * 40, "1e3"):
        page = await sari.browser.sees(address(tenant, "extend") + f"?days={days}")
        assert "Tulis 1 sampai 366 hari." in page.text
        path = address(tenant, "extend")
        seq = (await sari.browser.sees(path)).fields(path)["seq"]
        page = await sari.browser.sends(path, seq=seq, days=days, reason=WHY)
        assert page.status == 422
    assert await log_of(story, tenant.id) == []


async def test_a_date_is_moved_to_where_it_was_shown(story: Story, sari: Person) -> None:
    tenant = await starts(story)
    query = "?to=2026-02-15"
    page = await sari.browser.sees(address(tenant, "move") + query)
    assert "setiap tanggal 31 → setiap tanggal 15" in page.text
    assert "Hari yang sudah dibayar berkurang." in page.text
    told = await and_sees(sari, await does(sari, tenant, "move", query))
    assert "dibayar sampai 15 Februari 2026" in told
    for wrong in ("2026-01-30", "2036-01-01", "besok", "2026-02-31"):
        page = await sari.browser.sees(address(tenant, "move") + f"?to={wrong}")
        assert "Pilih tanggal dari" in page.text
        assert "Alasan" not in page.text


async def test_suspending_shuts_and_resuming_opens(story: Story, sari: Person) -> None:
    tenant = await starts(story)
    told = await and_sees(sari, await does(sari, tenant, "suspend"))
    assert "Akses ditutup oleh admin sejak 31 Januari" in told
    assert "Tangguhkan" not in told
    told = await and_sees(sari, await does(sari, tenant, "resume"))
    assert "Akses terbuka, dibayar sampai 28 Februari" in told
    assert [one.deed for one in await log_of(story, tenant.id)] == [
        "subscription.suspend",
        "subscription.resume",
    ]


async def test_who_is_resumed_after_the_period_pays_first(story: Story, sari: Person) -> None:
    tenant = await starts(story, plan="murah")
    await does(sari, tenant, "suspend")
    await story.days_pass(40)
    await sari.signs_in(sari.browser, story.clock)
    page = await sari.browser.sees(address(tenant, "resume"))
    assert "terbuka begitu tagihan dibayar" in page.text
    assert "Rp49.000" in page.text
    told = await and_sees(sari, await does(sari, tenant, "resume"))
    assert "Akses terbuka begitu tagihannya dibayar." in told
    assert (await tenant.subscription())["open_invoice"]["total"] == 49_000


async def test_a_cancellation_waits_and_can_be_undone(story: Story, sari: Person) -> None:
    tenant = await starts(story)
    told = await and_sees(sari, await does(sari, tenant, "cancel"))
    assert "Akses terbuka sampai 28 Februari, lalu berakhir" in told
    told = await and_sees(sari, await does(sari, tenant, "undo-cancel"))
    assert "Pembatalan diurungkan." in told
    assert not (await tenant.subscription())["cancel_at_period_end"]
    told = await and_sees(sari, await does(sari, tenant, "cancel", "?at=now"))
    assert "Berakhir 31 Januari karena dibatalkan" in told
    assert await tenant.status() == "canceled"
    deeds = [one.deed for one in await log_of(story, tenant.id)]
    assert deeds == ["subscription.cancel", "subscription.undo_cancel", "subscription.cancel"]


async def test_an_upgrade_says_what_it_costs_and_asks_for_that(story: Story, sari: Person) -> None:
    tenant = await starts(story)
    await story.days_pass(13)
    await sari.signs_in(sari.browser, story.clock)
    page = await sari.browser.sees(address(tenant, "plan") + "?plan=tahunan&at=now")
    # 15 of 28 days are unused on 13 February: ceil(99,000 × 15 / 28).
    assert "−Rp53.036" in page.text
    assert "Terbitkan tagihan Rp936.964" in page.text
    told = await and_sees(sari, await does(sari, tenant, "plan", "?plan=tahunan&at=now"))
    assert "Paket berganti hari ini kalau tagihan BB-2026-000002 sebesar Rp936.964" in told


async def test_another_plan_waits_for_the_next_invoice_and_can_be_dropped(
    story: Story, sari: Person
) -> None:
    tenant = await starts(story)
    page = await sari.browser.sees(address(tenant, "plan"))
    assert "Bulanan" in page.text
    told = await and_sees(sari, await does(sari, tenant, "plan", "?plan=murah"))
    assert "Berikutnya Murah, Rp49.000" in told
    told = await and_sees(sari, await does(sari, tenant, "plan", "?plan=bulanan"))
    assert "Berikutnya" not in told
    assert (await tenant.subscription())["pending_change"] is None


async def test_a_renewal_comes_early_once(story: Story, sari: Person) -> None:
    tenant = await starts(story)
    page = await sari.browser.sees(address(tenant, "invoice"))
    assert "1 Mar – 31 Mar 2026" in page.text
    told = await and_sees(sari, await does(sari, tenant, "invoice"))
    assert "Tagihan BB-2026-000002 terbit." in told
    page = await sari.browser.sees(address(tenant, "invoice"))
    assert "Tagihan BB-2026-000002 sudah terbit dan belum dibayar." in page.text


async def test_an_invoice_for_something_else_moves_nothing(story: Story, sari: Person) -> None:
    tenant = await starts(story)
    before = await last_day(tenant)
    good = {"description_1": "Printer struk", "amount_1": "Rp150.000", "due_on": "2026-02-10"}
    for fields, says in (
        ({"amount_1": "1e5"}, "Tulis jumlah dalam rupiah utuh"),
        ({"amount_1": "-5"}, "QRIS menerima Rp500"),
        ({"amount_1": "499"}, "QRIS menerima Rp500"),
        ({"amount_1": "10.000.001"}, "QRIS menerima Rp500"),
        ({"description_1": " "}, "Tulis untuk apa"),
        ({"description_1": "x" * 10_000}, "Tulis untuk apa"),
        ({"due_on": "2025-01-01"}, "Pilih tanggal dari hari ini"),
        ({"due_on": "besok"}, "Pilih tanggal dari hari ini"),
        ({"reason": " "}, "Tulis alasannya"),
        ({"reason": "x" * 501}, "Tulis alasannya"),
    ):
        page = await does(sari, tenant, "one-off", **{**good, **fields})
        assert page.status == 422
        assert says in page.text, fields
    told = await and_sees(sari, await does(sari, tenant, "one-off", **good))
    assert "Tagihan BB-2026-000002 terbit." in told
    assert await last_day(tenant) == before


async def test_an_invoice_has_as_many_lines_as_are_asked_for(story: Story, sari: Person) -> None:
    tenant = await starts(story)
    path = address(tenant, "one-off")
    first = {"description_1": "Printer struk", "amount_1": "Rp150.000", "due_on": "2026-02-10"}
    page = await does(sari, tenant, "one-off", **first, more="1")
    assert page.status == 200
    assert page.value("description_1") == "Printer struk"
    assert "Baris 4" in page.text
    assert "Baris 5" not in page.text
    rest = {"description_3": "Pelatihan", "amount_3": "100.000",
            "description_4": "Potongan", "amount_4": "-25.000"}  # fmt: skip
    wrong = {**page.fields(path), **first, **rest, "reason": WHY, "amount_3": "banyak"}
    page = await sari.browser.sends(path, **wrong)
    assert page.status == 422
    (row,) = re.findall(
        r"<fieldset(?:(?!</fieldset>).)*Tulis jumlah.*?</fieldset>", page.html, re.S
    )
    assert "Baris 3" in row
    done = await sari.browser.sends(path, **{**wrong, "amount_3": "100.000"})
    assert done.status == 303, done.text
    told = (await tenant.app.asks("GET", "/v1/invoices?kind=one_off")).json["data"]
    assert [one["total"] for one in told] == [225_000]
    assert [line["amount"] for line in told[0]["lines"]] == [150_000, 100_000, -25_000]
    rows: dict[str, str] = {}
    for _ in range(20):
        page = await does(sari, tenant, "one-off", **first, **rows, more="1")
        rows = {"rows": page.fields(path)["rows"]}
    assert rows == {"rows": "50"}
    assert "Tambah baris" not in page.text


async def test_who_has_no_paid_day_left_loses_none(story: Story, sari: Person) -> None:
    tenant = await starts(story)
    page = await sari.browser.sees(address(tenant, "cancel") + "?at=now")
    assert "Berakhir 28 Februari 2026 → sekarang" in page.text
    assert "Hari yang sudah dibayar hangus" in page.text
    await comes_due(story, tenant, 3)
    await sari.signs_in(sari.browser, story.clock)
    page = await sari.browser.sees(address(tenant, "cancel"))
    assert "Berakhir sekarang" in page.text
    assert "Masa tenggangnya berhenti sekarang." in page.text
    assert "hangus" not in page.text


async def test_cash_pays_the_open_invoice_from_the_day_it_came(story: Story, sari: Person) -> None:
    tenant = await starts(story)
    await comes_due(story, tenant, 3)
    await sari.signs_in(sari.browser, story.clock)
    page = await sari.browser.sees(await marking(sari, tenant))
    assert "28 Februari 2026 → 31 Maret 2026" in page.text
    told = await and_sees(sari, await marks_paid(sari, tenant, "BCA 9"))
    assert "Akses terbuka, dibayar sampai 31 Maret" in told
    assert "diterima, dicatat oleh admin" in told
    other = await story.subscribe("Bengkel Lain", "bulanan")
    page = await marks_paid(sari, other, "BCA 9")
    assert page.status == 409
    assert "Nomor bukti ini sudah dipakai" in page.text
    assert await other.status() == "pending"


async def test_a_link_that_was_rolled_leads_nowhere(story: Story, sari: Person) -> None:
    tenant = await starts(story)
    old = (await tenant.subscription())["pay_url"].removeprefix(story.service.origin)
    assert old in (await sari.browser.sees(address(tenant))).html
    told = await and_sees(sari, await does(sari, tenant, "pay-link"))
    assert "Tautan bayar diganti." in told
    assert (await story.service.ask("GET", old)).status == 404
    new = (await tenant.subscription())["pay_url"].removeprefix(story.service.origin)
    assert (await story.service.ask("GET", new)).status == 200
    assert "subscription.updated" in await story.heard_types()

"""The catalogue: what is sold, made, edited and no longer sold; in all languages and roles."""

import asyncio
from datetime import timedelta

from payment_service.model.audit_list import END, Wanted, entries
from payment_service.model.plan import PLANS_OF_APP
from tests.clocks import HandClock
from tests.service import Service
from tests.web.dashboard.people import Person, person
from tests.web.dashboard.seller import Seller, seller

ALL = "/dashboard/plans"
NEW = {
    "name": "Bulanan Plus",
    "plan_code": "plus",
    "price": "Rp150.000",
    "months": "1",
    "ahead_3": "420.000",
    "ahead_12": "1500000",
    "trial_days": "14",
    "grace_days": "3",
    "late_payment": "payment_day",
    "features": '{"kasir": 3}',
}


async def deeds(service: Service, subject: str) -> list[tuple[str, str]]:
    found = await service.runtime.db.read(entries, Wanted(subjects=(subject,)), END, 20)
    return [(one.deed, one.reason) for one in found]


async def test_each_plan_shows_its_ladder_and_who_holds_it(shop: Seller, owner: Person) -> None:
    await shop.subscribes("tenant-1", "hemat")
    page = await owner.browser.sees(ALL)
    for told in (
        "Hemat BukuBengkel Uji · hemat · tanpa masa coba · 7 hari tenggang · 1 pelanggan",
        "1 bulan Rp99.000 Rp99.000 / bulan 1 pelanggan",
        "3 bulan hemat 5 % Rp280.000 Rp93.333 / bulan belum terjual",
        "12 bulan hemat 16 % Rp990.000 Rp82.500 / bulan belum terjual",
        "36 bulan Rp2.970.000",
        "1 bulan Gratis tanpa tagihan",
    ):
        assert told.replace("BukuBengkel Uji · ", "") in page.text, told


async def test_plans_are_told_app_by_app_and_of_one_alone(
    service: Service, shop: Seller, owner: Person, clock: HandClock
) -> None:
    clock.advance(timedelta(seconds=1))
    other = await seller(service, "KasirKita")
    page = await owner.browser.sees(ALL)
    assert page.text.index("BukuBengkel Uji · murah") < page.text.index("KasirKita Uji · murah")
    page = await owner.browser.sees(f"{ALL}?app={other.app.id}")
    assert "BukuBengkel Uji" not in page.text
    assert "KasirKita Uji · murah" in page.text
    assert "Belum ada paket" in (await owner.browser.sees(f"{ALL}?app=app_none")).text
    assert shop.app.id != other.app.id


async def test_many_plans_are_turned_over_both_ways(service: Service, owner: Person) -> None:
    shops = [await seller(service, f"App {number}") for number in range(4)]
    page = await owner.browser.sees(ALL)
    assert page.html.count('class="panel plan"') == 20
    older = page.html.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    page = await owner.browser.sees(older.replace("&amp;", "&"))
    assert page.html.count('class="panel plan"') == 4 * 7 - 20
    newer = page.html.split('rel="prev"')[0].rsplit('href="', 1)[1].split('"')[0]
    page = await owner.browser.sees(newer.replace("&amp;", "&"))
    assert page.html.count('class="panel plan"') == 20
    assert len(shops) == 4


async def test_a_plan_is_made_with_all_that_it_can_have(
    service: Service, shop: Seller, owner: Person
) -> None:
    page = await owner.browser.sends(f"{ALL}/new", app=shop.app.id, **NEW)
    plan = await shop.plan("plus")
    assert page.leads_to == f"{ALL}/{plan.id}"
    assert (plan.name, plan.price, plan.months, plan.trial_days, plan.grace_days) == (
        "Bulanan Plus", 150_000, 1, 14, 3,
    )  # fmt: skip
    assert plan.prices_ahead == {"3": 420_000, "12": 1_500_000}
    assert (plan.late_payment, plan.features) == ("payment_day", {"kasir": 3})
    page = await owner.browser.follows(page)
    assert "Paket Bulanan Plus dibuat dan siap dijual." in page.text
    assert "hemat 16 % Rp1.500.000 Rp125.000 / bulan" in page.text
    assert await deeds(service, plan.id) == [("plan.add", "on the plan's page")]


async def test_what_a_plan_cannot_be_is_told_at_its_field_and_makes_none(
    shop: Seller, owner: Person
) -> None:
    for fields, says in (
        ({"name": ""}, "Nama 1 sampai 200 huruf."),
        ({"name": "x" * 10_000}, "Nama 1 sampai 200 huruf."),
        ({"name": "\u202enanaluB"}, "Ada huruf yang tidak terlihat di dalamnya."),
        ({"plan_code": "Bulan An"}, "Pakai 1 sampai 50 huruf kecil"),
        ({"plan_code": "bulanan"}, "Aplikasi ini sudah punya paket dengan kode itu."),
        ({"price": "seratus"}, "Tulis jumlah dalam rupiah utuh"),
        ({"price": "10,5"}, "Tulis jumlah dalam rupiah utuh"),
        ({"price": "499"}, "QRIS menerima paling sedikit Rp500"),
        ({"price": "10.000.001"}, "QRIS menerima paling banyak Rp10.000.000"),
        ({"months": "37"}, "Tulis 1 sampai 36 bulan."),
        ({"months": "satu"}, "Tulis 1 sampai 36 bulan."),
        ({"trial_days": "-1"}, "Tulis 0 sampai 365 hari."),
        ({"grace_days": "91"}, "Tulis 0 sampai 90 hari, atau kosongkan."),
        ({"ahead_6": "murah"}, "Tiap harga di muka lebih dari harga satu masa"),
        ({"ahead_6": "150000"}, "Tiap harga di muka lebih dari harga satu masa"),
        ({"late_payment": "never"}, "Pilih salah satu cara."),
        ({"features": "[1]"}, "Ini bukan JSON dengan kurung kurawal."),
        ({"features": '{"a":' * 900}, "Ini bukan JSON dengan kurung kurawal."),
        ({"features": f'{{"a": "{"x" * 5_000}"}}'}, "Terlalu panjang: paling banyak 4 KB."),
        ({"app": "app_none"}, "Aplikasi ini tidak ada."),
    ):
        page = await owner.browser.sends(f"{ALL}/new", **{"app": shop.app.id, **NEW, **fields})
        assert page.status in (404, 409, 422), fields
        assert page.text.count(says) == 1, fields
        if "name" not in fields:
            assert 'value="Bulanan Plus"' in page.html
    found = await shop.app.service.runtime.db.read(
        lambda tx: tx.all(PLANS_OF_APP, app_id=shop.app.id, before="~", limit=50)
    )
    assert len(found) == 7


async def test_a_strange_name_stays_a_name(shop: Seller, owner: Person) -> None:
    names = ("<script>alert(1)</script>", "Paket 🛠️ Siti", "خطة", 'O\'Neil "&" {{ 7*7 }}')
    for number, name in enumerate(names):
        sent = {**NEW, "app": shop.app.id, "name": name, "plan_code": f"aneh-{number}"}
        page = await owner.browser.follows(await owner.browser.sends(f"{ALL}/new", **sent))
        assert page.text.count(name) >= 2
    page = await owner.browser.sees(ALL)
    assert all(name in page.text for name in names)
    assert "<script>alert" not in page.html


async def test_what_is_not_the_price_is_edited(
    service: Service, shop: Seller, owner: Person
) -> None:
    plan = await shop.plan("hemat")
    form = (await owner.browser.sees(f"{ALL}/{plan.id}/edit")).fields(f"{ALL}/{plan.id}/edit")
    changed = {"name": "Paket Hemat", "grace_days": "14", "late_payment": "period_end"}
    page = await owner.browser.ask("POST", f"{ALL}/{plan.id}/edit", {**form, **changed})
    assert "Paket Paket Hemat disimpan." in (await owner.browser.follows(page)).text
    after = await shop.plan("hemat")
    assert (after.name, after.grace_days, after.late_payment) == ("Paket Hemat", 14, "period_end")
    assert (after.price, after.prices_ahead) == (plan.price, plan.prices_ahead)
    assert await deeds(service, plan.id) == [("plan.edit", "on the plan's page")]
    page = await owner.browser.sees("/dashboard/audit")
    assert "Mengubah paket" in page.text
    assert "nama Hemat → Paket Hemat" in page.text


async def test_of_two_admins_who_edit_one_plan_the_second_is_told(
    service: Service, shop: Seller, owner: Person, clock: HandClock
) -> None:
    plan = await shop.plan("hemat")
    here = f"{ALL}/{plan.id}/edit"
    people = (owner, await person(service, clock, "finance", "Rini"))
    forms = [(await one.browser.sees(here)).fields(here) for one in people]
    rest = {"grace_days": "", "late_payment": "period_end"}
    pages = await asyncio.gather(
        *(
            one.browser.ask("POST", here, {**form, **rest, "name": f"Hemat {one.name}"})
            for one, form in zip(people, forms, strict=True)
        )
    )
    assert sorted(page.status for page in pages) == [303, 409]
    (told,) = [page for page in pages if page.status == 409]
    assert "Paket ini sudah berubah sementara Anda mengisi." in told.text
    assert told.value("name").startswith("Hemat ")


async def test_a_plan_is_archived_and_sold_again(shop: Seller, owner: Person) -> None:
    await shop.subscribes("tenant-1", "murah")
    plan = await shop.plan("murah")
    here = f"{ALL}/{plan.id}"
    page = await owner.browser.sees(here)
    assert "Tidak bisa dipilih pelanggan baru. 1 pelanggannya berjalan terus" in page.text
    form = page.fields(f"{here}/archive")
    page = await owner.browser.follows(
        await owner.browser.ask("POST", f"{here}/archive", dict(form))
    )
    assert "Paket Murah diarsipkan." in page.text
    again = await owner.browser.sends(f"{here}/archive", version=form["version"])
    assert again.status == 409
    assert "Paket ini sudah berubah" in again.text
    assert "murah" not in (await owner.browser.sees(ALL)).text
    assert "Tampilkan 1 paket yang diarsipkan" in (await owner.browser.sees(ALL)).text
    archived = await owner.browser.sees(f"{ALL}?archived=true")
    assert "Murah" in archived.text
    assert "Hemat" not in archived.text
    refused = await shop.app.subscribes("tenant-2", "murah")
    assert refused.json["code"] == "plan_archived"
    form = (await owner.browser.sees(here)).fields(f"{here}/sell-again")
    page = await owner.browser.ask("POST", f"{here}/sell-again", form)
    assert "Paket Murah dijual lagi." in (await owner.browser.follows(page)).text
    assert (await shop.plan("murah")).archived_at is None


async def test_who_only_reads_sees_plans_and_no_deed(
    service: Service, shop: Seller, clock: HandClock
) -> None:
    viewer = await person(service, clock, "viewer", "Dewi")
    plan = await shop.plan("hemat")
    for path in (ALL, f"{ALL}/{plan.id}"):
        page = await viewer.browser.sees(path)
        assert page.status == 200
        assert "Ubah harga" not in page.text
        assert "Arsipkan" not in page.text
        assert f"{plan.id}/edit" not in page.html

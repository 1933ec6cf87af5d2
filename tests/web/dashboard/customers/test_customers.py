"""Customers: found, looked at, edited, forgotten; by each role, and two admins at once."""

import asyncio
from datetime import timedelta

from payment_service.model.audit_list import END, Wanted, entries
from tests.clocks import HandClock
from tests.service import Service
from tests.web.dashboard.people import Person, person
from tests.web.dashboard.seller import Seller, seller

ALL = "/dashboard/customers"
SITI = {
    "reference": "tenant-42",
    "name": "Bengkel Siti",
    "email": "siti@bengkel.example.com",
    "phone": "0812-3456-7890",
    "metadata": {"outlet": "Kebun Jeruk", "kamar": {"isi": 3}},
}


async def added(shop: Seller, **told: object) -> str:
    made = await shop.app.asks("POST", "/v1/customers", {**SITI, **told})
    assert made.status == 201, made.body
    return str(made.json["id"])


async def test_customers_are_listed_newest_first_and_turned_over_both_ways(
    shop: Seller, owner: Person, clock: HandClock
) -> None:
    for number in range(30):
        clock.advance(timedelta(seconds=1))
        await added(shop, reference=f"tenant-{number:02}", name=f"Bengkel {number:02}")
    page = await owner.browser.sees(ALL)
    shown = [number for number in range(30) if f"Bengkel {number:02}" in page.text]
    assert shown == list(range(5, 30))
    assert page.text.index("Bengkel 29") < page.text.index("Bengkel 28")
    older = page.html.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    page = await owner.browser.sees(older.replace("&amp;", "&"))
    assert "26–30" in page.text
    assert "Bengkel 04" in page.text
    newer = page.html.split('rel="prev"')[0].rsplit('href="', 1)[1].split('"')[0]
    page = await owner.browser.sees(newer.replace("&amp;", "&"))
    assert "Bengkel 29" in page.text
    assert "1–25" in page.text


async def test_a_customer_is_found_by_whatever_names_it(
    service: Service, shop: Seller, owner: Person
) -> None:
    other = await seller(service, "KasirKita")
    await added(shop)
    await added(shop, reference="tenant-4", name="Toko Lain", email=None, phone=None)
    await added(other, name="Kasir Siti")
    for named, found in (
        ("tenant-42", {"Bengkel Siti", "Kasir Siti"}),
        ("tenant-4", {"Toko Lain"}),
        ("bengkel siti", {"Bengkel Siti"}),
        ("+62 812 3456 7890", {"Bengkel Siti", "Kasir Siti"}),
        ("siti@bengkel.example.com", {"Bengkel Siti", "Kasir Siti"}),
        ("zzz", set()),
        ("x" * 10_000, set()),
    ):
        page = await owner.browser.ask("GET", f"{ALL}?reference={named.replace(' ', '%20')}"[:3000])
        names = {name for name in ("Bengkel Siti", "Kasir Siti", "Toko Lain") if name in page.text}
        assert names == found, named
    page = await owner.browser.sees(f"{ALL}?reference=tenant-42&app={other.app.id}")
    assert "Kasir Siti" in page.text
    assert "Bengkel Siti" not in page.text
    page = await owner.browser.sees(f"{ALL}?app={shop.app.id}")
    assert "Kasir Siti" not in page.text


async def test_a_customers_page_tells_all_that_is_known(shop: Seller, owner: Person) -> None:
    id_ = await added(shop)
    await shop.app.subscribes("tenant-42", "bulanan")
    page = await owner.browser.sees(f"{ALL}/{id_}")
    for told in (
        "BukuBengkel Uji · tenant-42",
        "Bulanan Menunggu bayar – Rp99.000",
        "BB-2026-000001 Terbuka",
        "Belum ada uang yang masuk.",
        "Kita tidak utang apa-apa.",
        "HP 0812-3456-7890",
        "Email siti@bengkel.example.com",
        "outlet Kebun Jeruk",
        'kamar {"isi": 3}',
    ):
        assert told in page.text, told


async def test_a_strange_name_stays_a_name(shop: Seller, owner: Person) -> None:
    names = ("<script>alert(1)</script>", "Siti 🛠️ Rahma", "شركة", 'O\'Neil "&" {{ 7*7 }}')
    ids = [await added(shop, reference=f"t-{at}", name=name) for at, name in enumerate(names)]
    pages = [await owner.browser.sees(path) for path in (ALL, *(f"{ALL}/{id_}" for id_ in ids))]
    for name, page in zip(names, pages[1:], strict=True):
        assert name in page.text
        assert name in pages[0].text
        assert "<script>alert" not in page.html


async def test_what_is_known_is_edited_and_the_log_names_nobody(
    service: Service, shop: Seller, owner: Person
) -> None:
    id_ = await added(shop)
    here = f"{ALL}/{id_}/edit"
    form = (await owner.browser.sees(here)).fields(here)
    changed = {"name": "Bengkel Siti Jaya", "phone": "", "email": "siti@jaya.id", "metadata": ""}
    page = await owner.browser.ask("POST", here, {**form, **changed})
    assert "Data pelanggan disimpan." in (await owner.browser.follows(page)).text
    after = await shop.customer(id_)
    assert (after.name, after.phone, after.email, after.metadata) == (
        "Bengkel Siti Jaya", None, "siti@jaya.id", {},
    )  # fmt: skip
    (entry,) = await service.runtime.db.read(entries, Wanted(subjects=(id_,)), END, 5)
    assert entry.deed == "customer.edit"
    assert entry.details == {"changed": "name, email, phone, metadata"}
    found = await owner.browser.sees(f"{ALL}?reference=jaya")
    assert "Bengkel Siti Jaya" in found.text


async def test_what_cannot_be_is_told_at_its_field_and_changes_nothing(
    shop: Seller, owner: Person
) -> None:
    id_ = await added(shop)
    before = await shop.customer(id_)
    here = f"{ALL}/{id_}/edit"
    form = (await owner.browser.sees(here)).fields(here)
    good = {"name": "Siti", "phone": "0812 3456 7890", "email": "siti@jaya.id", "metadata": "{}"}
    for fields, says in (
        ({"name": "x" * 10_000}, "Paling banyak 200 huruf, dalam satu baris."),
        ({"name": "\u202eitiS"}, "Paling banyak 200 huruf, dalam satu baris."),
        ({"email": "x" * 201}, "Paling banyak 200 huruf, dalam satu baris."),
        ({"phone": "0" * 51}, "Paling banyak 50 huruf, dalam satu baris."),
        ({"phone": "abc"}, "Tulis nomor HP seperti 0812 3456 7890"),
        ({"phone": "0812"}, "Tulis nomor HP seperti 0812 3456 7890"),
        ({"phone": "nol 0812 3456 7890"}, "Tulis nomor HP seperti 0812 3456 7890"),
        ({"email": "nope"}, "Tulis email seperti sari@contoh.id"),
        ({"email": "siti@jaya"}, "Tulis email seperti sari@contoh.id"),
        ({"phone": "08\n12"}, "Paling banyak 50 huruf, dalam satu baris."),
        ({"metadata": "{"}, "Ini bukan JSON dengan kurung kurawal."),
        ({"metadata": '{"a": [' * 900}, "Ini bukan JSON dengan kurung kurawal."),
        ({"metadata": f'{{"a": "{"x" * 5_000}"}}'}, "Terlalu panjang: paling banyak 4 KB."),
    ):
        page = await owner.browser.sends(here, version=form["version"], **{**good, **fields})
        assert page.status == 422, fields
        assert page.text.count(says) == 1, fields
    assert await shop.customer(id_) == before


async def test_of_two_admins_who_edit_one_customer_the_second_is_told(
    service: Service, shop: Seller, owner: Person, clock: HandClock
) -> None:
    here = f"{ALL}/{await added(shop)}/edit"
    people = (owner, await person(service, clock, "finance", "Rini"))
    forms = [(await one.browser.sees(here)).fields(here) for one in people]
    pages = await asyncio.gather(
        *(
            one.browser.ask("POST", here, {**form, "name": one.name})
            for one, form in zip(people, forms, strict=True)
        )
    )
    assert sorted(page.status for page in pages) == [303, 409]
    (told,) = [page for page in pages if page.status == 409]
    assert "Data pelanggan ini sudah berubah sementara Anda mengisi." in told.text


async def test_forgetting_says_what_stays_and_is_done_once(shop: Seller, owner: Person) -> None:
    id_ = await added(shop)
    here = f"{ALL}/{id_}"
    asked = await owner.browser.sees(f"{here}/forget")
    assert "Hapus data Bengkel Siti untuk selamanya?" in asked.text
    assert "Rujukan tenant-42, supaya aplikasi tetap mengenalinya" in asked.text
    assert "Tagihan, pembayaran, kredit, dan nomor buktinya" in asked.text
    unsaid = await owner.browser.sends(f"{here}/forget", reason="")
    assert unsaid.status == 422
    assert "Tulis alasannya" in unsaid.text
    page = await owner.browser.sends(f"{here}/forget", reason="Diminta lewat email 3 Mei")
    page = await owner.browser.follows(page)
    assert "Data pribadi dihapus." in page.text
    assert "Uang, nomor tagihan, dan jejak audit tetap untuk pembukuan." in page.text
    assert "Bengkel Siti" not in page.html
    assert "Kebun Jeruk" not in page.html
    again = await owner.browser.sends(f"{here}/forget", reason="lagi")
    assert again.status == 409
    assert "Data pelanggan ini sudah dihapus." in again.text
    edited = await owner.browser.sends(f"{here}/edit", version="2", name="Siti")
    assert edited.status == 409
    assert "Bengkel Siti" not in (await owner.browser.sees(ALL)).text


async def test_who_has_an_open_subscription_is_not_forgotten(shop: Seller, owner: Person) -> None:
    id_ = await added(shop)
    sold = (await shop.app.subscribes("tenant-42", "bulanan")).json
    asked = await owner.browser.sees(f"{ALL}/{id_}/forget")
    assert "Masih ada langganan Bulanan yang berjalan." in asked.text
    assert f"/dashboard/subscriptions/{sold['id']}" in asked.html
    assert "<textarea" not in asked.html
    page = await owner.browser.sends(f"{ALL}/{id_}/forget", reason="Diminta")
    assert page.status == 409
    assert "Masih ada langganan yang berjalan." in page.text
    assert (await shop.customer(id_)).forgotten_at is None


async def test_roles_see_what_they_may_do(service: Service, shop: Seller, clock: HandClock) -> None:
    id_ = await added(shop)
    viewer = await person(service, clock, "viewer", "Dewi")
    page = await viewer.browser.sees(f"{ALL}/{id_}")
    assert "Bengkel Siti" in page.text
    assert "Ubah data" not in page.text
    assert "Hapus data pribadi" not in page.text
    finance = await person(service, clock, "finance", "Rini")
    page = await finance.browser.sees(f"{ALL}/{id_}")
    assert "Ubah data" in page.text
    assert "Hapus data pribadi" not in page.text
    assert (await finance.browser.sends(f"{ALL}/{id_}/forget", reason="x")).status == 403


async def test_a_customer_who_is_not_there_is_told_so(owner: Person) -> None:
    for path in (f"{ALL}/cus_nobody", f"{ALL}/cus_nobody/edit", f"{ALL}/x'--/refund"):
        page = await owner.browser.sees(path)
        assert page.status == 404
        assert "Pelanggan ini tidak ada." in page.text

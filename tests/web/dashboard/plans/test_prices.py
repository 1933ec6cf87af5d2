"""Another price: for those to come, and for subscribers where the admin says so."""

from datetime import date, timedelta

from payment_service.model.plan_holding import holdings
from tests.clocks import HandClock
from tests.service import Service
from tests.web.dashboard.people import Page, Person, person
from tests.web.dashboard.seller import Seller

ALL = "/dashboard/plans"
WHY = "Harga 2027"


async def sets_price(one: Person, here: str, **fields: str) -> Page:
    form = (await one.browser.sees(f"{here}/price")).fields(f"{here}/price")
    sent = {"price": "129.000", "whom": "keep", "reason": WHY, **fields}
    return await one.browser.ask("POST", f"{here}/price", {**form, **sent})


async def test_a_new_price_is_for_those_to_come(shop: Seller, owner: Person) -> None:
    sold = await shop.subscribes("tenant-1", "bulanan")
    here = f"{ALL}/{(await shop.plan('bulanan')).id}"
    page = await sets_price(owner, here, ahead_12="1.290.000")
    page = await owner.browser.follows(page)
    assert "Harga sekarang Rp129.000 untuk pelanggan baru." in page.text
    assert "Rp99.000 harga lama, tetap sampai dipindahkan 1 pelanggan" in page.text
    assert "1 bulan Rp129.000 Rp129.000 / bulan 1 di harga lama" in page.text
    plan = await shop.plan("bulanan")
    assert (plan.price, plan.prices_ahead) == (129_000, {"12": 1_290_000})
    assert (await shop.subscription(sold["id"])).next_price is None
    listed = await owner.browser.sees(ALL)
    assert "1 pelanggan lama tetap Rp99.000. Pindahkan pelanggan" in listed.text
    page = await owner.browser.sees("/dashboard/audit")
    assert f"Mengubah paket Bulanan · BukuBengkel · {WHY}" in page.text
    assert "harga Rp99.000 → Rp129.000" in page.text


async def test_a_new_price_reaches_subscribers_with_their_next_invoice(
    shop: Seller, owner: Person
) -> None:
    sold = await shop.subscribes("tenant-1", "bulanan")
    here = f"{ALL}/{(await shop.plan('bulanan')).id}"
    asked = await owner.browser.sees(f"{here}/price")
    assert "Pindahkan juga 1 pelanggan sekarang" in asked.text
    assert "Yang paling awal terbit 21 Februari 2026." in asked.text
    assert "Tagihan yang sudah terbit tidak berubah" in asked.text
    page = await owner.browser.follows(await sets_price(owner, here, whom="move"))
    assert "Harga sekarang Rp129.000. 1 pelanggan pindah mulai tagihan berikutnya." in page.text
    moved = await shop.subscription(sold["id"])
    assert (moved.price, moved.next_price) == (99_000, 129_000)
    assert "Sedang pindah ke Rp129.000 mulai tagihan berikutnya 1 pelanggan" in page.text
    audit = await owner.browser.sees("/dashboard/audit")
    assert f"Memindahkan pelanggan ke harga baru Bulanan · BukuBengkel · {WHY}" in audit.text


async def test_those_who_stayed_are_moved_later_and_only_once(
    service: Service, shop: Seller, owner: Person, clock: HandClock
) -> None:
    ids = [(await shop.subscribes(f"tenant-{number}", "bulanan"))["id"] for number in range(3)]
    held = await shop.subscribes("tenant-up", "bulanan")
    await shop.app.asks("POST", f"/v1/subscriptions/{held['id']}/change-plan", {"plan": "murah"})
    here = f"{ALL}/{(await shop.plan('bulanan')).id}"
    await sets_price(owner, here)
    page = await owner.browser.sees(f"{here}/move")
    assert "Pindahkan 3 pelanggan ke Rp129.000?" in page.text
    assert "Rp99.000 → Rp129.000 3 pelanggan" in page.text
    form = page.fields(f"{here}/move")
    rini = await person(service, clock, "finance", "Rini")
    theirs = (await rini.browser.sees(f"{here}/move")).fields(f"{here}/move")
    unsaid = await owner.browser.ask("POST", f"{here}/move", {**form, "reason": " "})
    assert unsaid.status == 422
    assert "Tulis alasannya" in unsaid.text
    form = unsaid.fields(f"{here}/move")
    page = await owner.browser.ask("POST", f"{here}/move", {**form, "reason": WHY})
    told = "3 pelanggan pindah ke Rp129.000 mulai tagihan berikutnya."
    assert told in (await owner.browser.follows(page)).text
    for id_ in ids:
        assert (await shop.subscription(id_)).next_price == 129_000
    assert (await shop.subscription(held["id"])).next_price == 49_000  # of the plan it changes to
    late = await rini.browser.ask("POST", f"{here}/move", {**theirs, "reason": WHY})
    assert late.status == 409
    assert "Semua pelanggan sudah dipindahkan ke harga ini." in late.text
    assert "Tidak ada yang perlu dipindahkan" in late.text


async def test_a_price_that_cannot_be_changes_nothing(shop: Seller, owner: Person) -> None:
    before = await shop.plan("hemat")
    here = f"{ALL}/{before.id}"
    for fields, says in (
        ({"price": "499"}, "QRIS menerima paling sedikit Rp500"),
        ({"price": "0"}, "Paket gratis tetap gratis"),
        ({"price": ""}, "Tulis jumlah dalam rupiah utuh"),
        ({"ahead_3": "128.000"}, "Tiap harga di muka lebih dari harga satu masa"),
        ({"ahead_12": "1e6"}, "Tiap harga di muka lebih dari harga satu masa"),
        ({"reason": ""}, "Tulis alasannya"),
        ({"reason": "x" * 501}, "Tulis alasannya"),
        ({"whom": "some"}, "Pilih dulu apakah pelanggan lama ikut pindah harga."),
    ):
        page = await sets_price(owner, here, **fields)
        assert page.status in (409, 422), fields
        assert page.text.count(says) == 1, fields
    assert await shop.plan("hemat") == before


async def test_a_price_wants_proof_and_waits_for_it_filled_in(
    shop: Seller, owner: Person, clock: HandClock
) -> None:
    before = await shop.plan("hemat")
    here = f"{ALL}/{before.id}"
    form = (await owner.browser.sees(f"{here}/price")).fields(f"{here}/price")
    clock.advance(timedelta(minutes=6))
    sent = {**form, "price": "129.000", "whom": "keep", "reason": WHY}
    page = await owner.browser.ask("POST", f"{here}/price", sent)
    assert page.leads_to.startswith("/dashboard/step-up?next=")
    assert await shop.plan("hemat") == before


async def test_who_pays_ahead_stands_on_the_step_that_was_paid_for(
    shop: Seller, owner: Person
) -> None:
    await shop.subscribes("tenant-1", "hemat")
    ahead = await shop.subscribes("tenant-2", "hemat", pays=False)
    invoice = ahead["open_invoice"]["id"]
    code = await shop.app.asks("POST", f"/v1/invoices/{invoice}/qris", {"periods": 12})
    assert code.status == 200, code.body
    await shop.pays(ahead)
    plan = await shop.plan("hemat")
    today = date(2026, 2, 1)
    held = await shop.app.service.runtime.db.read(holdings, [plan], today)
    assert held[plan.id].all == 2
    assert [(one.months, one.subscriptions) for one in held[plan.id].ahead] == [(11, 1)]
    page = await owner.browser.sees(f"{ALL}/{plan.id}")
    assert "1 bulan Rp99.000 Rp99.000 / bulan 1 pelanggan" in page.text
    assert "Rp990.000 Rp82.500 / bulan 1 pelanggan" in page.text
    await sets_price(owner, f"{ALL}/{plan.id}", ahead_12="1.190.000")
    page = await owner.browser.sees(f"{ALL}/{plan.id}")
    assert "Rp1.190.000 Rp99.167 / bulan 1 di harga lama" in page.text
    after = await shop.app.service.runtime.db.read(holdings, [plan], date(2027, 2, 2))
    assert after[plan.id].ahead == []

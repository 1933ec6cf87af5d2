"""What a customer is owed: shown with where it comes from, found by a filter, paid back once."""

import asyncio
from datetime import timedelta

from payment_service.model.credit import balance
from tests.clocks import HandClock
from tests.web.dashboard.conftest import BusyPlace
from tests.web.dashboard.people import Page, Person, person

ALL = "/dashboard/customers"
BACK = {"amount": "40.000", "reference": "BCA 118", "note": "Transfer BCA"}


async def owed(place: BusyPlace) -> str:
    """The one who paid twice."""
    page = await place.owner.browser.sees(f"{ALL}?credit=true")
    assert "Bengkel Sari Motor" in page.text
    assert "Bengkel Fitri" not in page.text
    assert "Rp99.000" in page.text
    return page.html.split(f'href="{ALL}/')[1].split('"')[0]


async def sends(one: Person, here: str, **fields: str) -> Page:
    form = (await one.browser.sees(f"{here}/refund")).fields(f"{here}/refund")
    return await one.browser.ask("POST", f"{here}/refund", {**form, **BACK, **fields})


async def test_credit_is_found_told_and_paid_back(place: BusyPlace) -> None:
    owner, id_ = place.owner, await owed(place)
    here = f"{ALL}/{id_}"
    page = await owner.browser.sees(here)
    assert "Kita utang kepadanya." in page.text
    assert "Uang lebih masuk +Rp99.000" in page.text
    page = await owner.browser.follows(await sends(owner, here))
    assert "Pengembalian Rp40.000 dicatat." in page.text
    assert "Dikembalikan −Rp40.000" in page.text
    assert "BCA 118 · “ Transfer BCA ”" in page.text
    assert await place.story.service.runtime.db.read(balance, id_) == 59_000
    audit = await owner.browser.sees("/dashboard/audit")
    told = audit.text.partition("Mengembalikan kredit")[2][:120]
    assert "Transfer BCA" in told
    page = await sends(owner, here)
    assert page.status == 409
    assert "Nomor bukti ini sudah dipakai" in page.text
    for fields, says in (
        ({"amount": "59.001"}, "Kreditnya tinggal Rp59.000."),
        ({"amount": "0"}, "Tulis jumlah dalam rupiah utuh, paling sedikit Rp1."),
        ({"amount": "1,5"}, "Tulis jumlah dalam rupiah utuh, seperti 150.000."),
        ({"reference": " "}, "Tulis nomor bukti, 1 sampai 200 huruf."),
        ({"note": ""}, "Tulis bagaimana uangnya kembali"),
        ({"note": "x" * 501}, "Tulis bagaimana uangnya kembali"),
    ):
        page = await sends(owner, here, **{"reference": "BCA 119", **fields})
        assert page.status in (409, 422), fields
        assert page.text.count(says) == 1, fields
    assert await place.story.service.runtime.db.read(balance, id_) == 59_000
    await sends(owner, here, amount="59000", reference="BCA 120")
    assert "Tidak ada kredit" in (await owner.browser.sees(f"{here}/refund")).text
    assert "Bengkel Sari Motor" not in (await owner.browser.sees(f"{ALL}?credit=true")).text


async def test_the_file_has_those_whom_the_list_shows(place: BusyPlace) -> None:
    await owed(place)
    page = await place.owner.browser.sends("/dashboard/customers.csv?credit=true")
    assert "Bengkel Sari Motor" in page.html
    assert "Bengkel Fitri" not in page.html


async def test_of_two_admins_who_pay_it_back_one_is_told(
    place: BusyPlace, clock: HandClock
) -> None:
    id_ = await owed(place)
    here = f"{ALL}/{id_}"
    rini = await person(place.story.service, clock, "finance", "Rini")
    pages = await asyncio.gather(
        sends(place.owner, here, amount="99.000"),
        sends(rini, here, amount="99.000", reference="BCA 200"),
    )
    assert sorted(page.status for page in pages) == [303, 409]
    (told,) = [page for page in pages if page.status == 409]
    assert "Kreditnya tinggal Rp0." in told.text or "Tidak ada kredit" in told.text
    assert await place.story.service.runtime.db.read(balance, id_) == 0
    clock.advance(timedelta(minutes=6))
    viewer = await person(place.story.service, clock, "viewer", "Dewi")
    assert (await viewer.browser.sends(f"{here}/refund", **BACK)).status == 403

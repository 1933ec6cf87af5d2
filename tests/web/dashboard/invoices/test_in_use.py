"""Invoices and payments of an installation in use: lists, filters, pages both ways, each thing."""

import re

from tests.clocks import HandClock
from tests.web.dashboard.conftest import BusyPlace
from tests.web.dashboard.people import Page, person

ROW = re.compile(r'class="row" href="/dashboard/(?:invoices|payments)/(\w+)"')
ALL = "/dashboard/invoices"


def rows(page: Page) -> list[str]:
    return ROW.findall(page.html)


def link(page: Page, rel: str) -> str:
    found = re.search(rf'href="([^"]+)" rel="{rel}"', page.html)
    assert found, rel
    return found[1].replace("&amp;", "&")


async def test_lists_narrow_turn_and_lead_to_each_thing(place: BusyPlace, clock: HandClock) -> None:
    sees, states = place.owner.browser.sees, place.busy.by_state

    everything = rows(await sees(ALL))
    assert len(everything) == 10
    assert everything == sorted(everything, reverse=True)
    narrowed = {
        status: rows(await sees(f"{ALL}?status={status}"))
        for status in ("open", "overdue", "paid", "void", "nonsense")
    }
    assert set(narrowed["overdue"]) < set(narrowed["open"])
    parts = narrowed["open"] + narrowed["paid"] + narrowed["void"]
    assert sorted(parts) == sorted(everything) == sorted(narrowed["nonsense"])
    assert states["invoices"]["void"] in narrowed["void"]
    assert 0 < len(rows(await sees(f"{ALL}?days=7"))) < len(everything)
    of_one = rows(await sees(f"{ALL}?customer=Bengkel+Fitri"))
    assert len(of_one) == 2
    assert "Tidak ada tagihan seperti ini" in (await sees(f"{ALL}?customer=nobody")).text
    assert rows(await sees(f"{ALL}?app=app_other")) == []

    older = await sees(f"{ALL}?status=&before={everything[3]}")
    assert rows(older) == everything[4:]
    newer = await sees(link(older, "prev"))
    assert rows(newer) == everything
    assert rows(await sees(f"{ALL}?before=%27--&after=x")) == everything

    paid = rows(await sees("/dashboard/payments"))
    for outcome, newest in states["payments"].items():
        found = rows(await sees(f"/dashboard/payments?outcome={outcome}"))
        assert found[0] == newest
        assert set(found) <= set(paid)

    for role in ("owner", "viewer"):
        one = (
            place.owner
            if role == "owner"
            else await person(place.story.service, clock, "viewer", "Dewi")
        )
        for status, invoice in states["invoices"].items():
            page = await one.browser.sees(f"{ALL}/{invoice}")
            assert page.status == 200
            has_deeds = "Tandai lunas" in page.text
            assert has_deeds is (role == "owner" and status == "open"), (role, status)
        assert ("CSV" in (await one.browser.sees(ALL)).text) is (role == "owner")


async def test_what_waits_is_counted_where_nothing_but_an_app_narrows_the_list(
    place: BusyPlace,
) -> None:
    sees = place.owner.browser.sees
    page = await sees(ALL)
    numbers = re.search(r"Terbuka (\d+) Lewat tempo (\d+) Lunas", page.text)
    assert numbers
    assert int(numbers[1]) > int(numbers[2]) > 0
    for query, number in (("?status=open", numbers[1]), ("?status=overdue", numbers[2])):
        assert (await sees(ALL + query)).html.count("<tr>") == int(number) + 1, query
    narrow = await sees(f"{ALL}?days=30")
    assert "Terbuka Lewat tempo Lunas" in narrow.text
    assert "Perlu diperiksa 1 " in (await sees("/dashboard/payments")).text
    assert "Perlu diperiksa 1 " not in (await sees("/dashboard/payments?days=30")).text


async def test_the_double_and_the_late_code_are_explained(place: BusyPlace) -> None:
    sees = place.owner.browser.sees
    credited = place.busy.by_state["payments"]["credited"]
    payment = await sees(f"/dashboard/payments/{credited}")
    assert "Tagihannya sudah lunas waktu uang ini datang." in payment.text
    invoice = re.search(r"/dashboard/invoices/(inv_\w+)", payment.html)
    assert invoice
    page = await sees(f"{ALL}/{invoice[1]}")
    assert "Dibayar dua kali. Kelebihan Rp99.000 menjadi kredit pelanggan." in page.text
    assert "Kode 2 Melunasi tagihan ini chg_" in page.text
    assert "Kode 1 Uang kedua, jadi kredit chg_" in page.text
    assert "Rp198.000 masuk" in page.text
    assert "Jadikan 1 bulan tambahan" in page.text
    told = ("Rp99.000 menjadi kredit pelanggan", "Tagihan lunas", "Tagihan terbit,")
    assert [page.text.index(words) for words in told] == sorted(map(page.text.index, told))

    bought = await place.owner.browser.sends(
        f"{ALL}/{invoice[1]}/period", reason="Pelanggan setuju lewat telepon"
    )
    after = await place.owner.browser.follows(bought)
    assert "Masa tambahan dibeli dari kredit" in after.text
    assert "Dilunasi dari kredit pelanggan." in after.text
    again = await place.owner.browser.sends(f"{ALL}/{invoice[1]}/period", reason="sekali lagi")
    assert again.status == 409
    assert "Kreditnya tidak cukup untuk satu masa." in again.text
    log = await sees("/dashboard/audit")
    assert "Menjadikan kredit masa tambahan" in log.text

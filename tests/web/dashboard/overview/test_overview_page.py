"""The overview: figures that lead to their lists, of which apps, the charts, what to do first."""

import csv
import re
from html import unescape
from io import StringIO

from tests.clocks import HandClock
from tests.service import Service
from tests.web.dashboard.conftest import BusyPlace
from tests.web.dashboard.overview.conftest import Desk
from tests.web.dashboard.people import Person, person

HERE = "/dashboard"


async def test_a_new_installation_says_what_to_do_first(desk: Desk, owner: Person) -> None:
    page = await owner.browser.sees(HERE)
    assert "Belum ada aplikasi" in page.text
    await desk.app()
    page = await owner.browser.sees(HERE)
    assert "Langkah pertama BukuBengkel" in page.text
    assert "Sudah Daftarkan aplikasi" in page.text
    assert "Belum Buat paket" in page.text
    assert "Pendapatan per bulan" not in page.text


async def test_the_figures_stand_with_their_rupiah(place: BusyPlace) -> None:
    page = await place.owner.browser.sees(HERE)
    assert "Pendapatan bulanan berulang Rp148.000" in page.text
    assert "Aktif 1 Rp99.000 sebulan" in page.text
    assert "Tenggang 1 Rp49.000 terancam" in page.text
    assert "Ditangguhkan 1 Rp99.000 sebulan" in page.text
    assert "Perlu perhatian" in page.text
    assert page.text.index("Perlu perhatian") < page.text.index("Pendapatan per bulan")
    assert "Pembayaran terakhir" in page.text


async def test_each_figure_leads_to_a_list_of_as_many(place: BusyPlace) -> None:
    page = await place.owner.browser.sees(HERE)
    figures = page.html[page.html.index('class="panel figures"') :]
    figures = figures[: figures.index("</ul>")]
    links = re.findall(r'href="([^"]+)".*?<b>([^<]+)</b>', figures, re.S)
    assert len(links) == 5
    for link, number in links:
        shown = await place.owner.browser.sees(unescape(link))
        assert shown.status == 200
        rows = shown.html.count('<a class="row')
        assert number.startswith("Rp") or rows == int(number), (link, rows, number)


async def test_the_charts_are_drawn_for_a_desk_and_again_for_a_phone_and_as_a_table(
    place: BusyPlace,
) -> None:
    page = await place.owner.browser.sees(HERE)
    for size, months in (("many", 12), ("few", 6)):
        drawing = page.html[page.html.index(f'<svg class="{size}"') :]
        drawing = drawing[: drawing.index("</svg>")]
        assert drawing.count('class="month"') == months
        assert 'class="foreseen"' in drawing
    assert "Sebagai tabel" in page.text
    assert "style=" not in page.html


async def test_links_choose_the_mode_and_the_app(desk: Desk, owner: Person) -> None:
    test, live = await desk.app("BukuBengkel"), await desk.app("KasirKita", "live")
    for query, chosen in (
        ("", "Semua aplikasi"),
        ("?mode=test", "Semua aplikasi Uji"),
        (f"?app={test.id}", "BukuBengkel Uji"),
        (f"?app={live.id}&mode=test", "KasirKita"),
        ("?app=app_nobody&mode=x", "Semua aplikasi"),
    ):
        page = await owner.browser.sees(HERE + query)
        summary = page.html[page.html.index('<details class="pick">') :]
        summary = re.sub(r"<[^>]+>", " ", summary[: summary.index("</summary>")])
        assert " ".join(summary.split()) == chosen, query
        assert f'href="/dashboard?app={live.id}"' in page.html


async def test_a_name_with_markup_and_formulas_stays_a_name(desk: Desk, owner: Person) -> None:
    for name in ("<b>Toko</b> & 🛠️", "=1+1", "شركة " * 20):
        await desk.app(name.strip()[:200])
    page = await owner.browser.sees(f"{HERE}?mode=test")
    assert "<b>Toko</b> & 🛠️" in page.text
    answer = await owner.browser.sends("/dashboard/overview.csv?mode=test")
    rows = list(csv.reader(StringIO(answer.answer.body.decode("utf-8-sig"))))
    assert len(rows) == 1 + 3 * 12
    assert {row[2] for row in rows if "1+1" in row[2]} == {"'=1+1"}


async def test_the_numbers_of_the_charts_are_a_file_for_whoever_may_have_one(
    place: BusyPlace, clock: HandClock
) -> None:
    rini = await person(place.story.service, clock, "finance", "Rini")
    before = await rini.browser.sees("/dashboard/overview.csv")
    assert "Unduh Ringkasan sebagai CSV" in before.text
    answer = await rini.browser.sends("/dashboard/overview.csv")
    rows = list(csv.DictReader(StringIO(answer.answer.body.decode("utf-8-sig"))))
    assert len(rows) == 12
    assert (rows[-1]["month"], rows[-1]["monthly_recurring_revenue"]) == ("2026-03", "148000")
    assert "Mengunduh daftar" in (await rini.browser.sees("/dashboard/audit")).text
    viewer = await person(place.story.service, clock, "viewer", "Dewi")
    assert "overview.csv" not in (await viewer.browser.sees(HERE)).html
    assert (await viewer.browser.sees("/dashboard/overview.csv")).status == 403


async def test_tonight_tells_whom_the_run_will_come_by(place: BusyPlace) -> None:
    await place.story.days_pass(14)
    await place.owner.signs_in(place.owner.browser, place.story.clock)
    page = await place.owner.browser.sees("/dashboard/tonight")
    assert "Proses malam ini" in page.text
    assert "Bengkel Dewi" in page.text


async def test_a_viewer_of_a_new_installation_is_told_who_registers(
    service: Service, clock: HandClock
) -> None:
    viewer = await person(service, clock, "viewer", "Dewi")
    page = await viewer.browser.sees(HERE)
    assert "Yang mendaftarkan adalah pemilik" in page.text

"""The list of subscriptions and the page of one: what they say in each state, and to whom."""

import re
from urllib.parse import parse_qs, unquote, urlsplit

from tests.busy import LONG
from tests.scenarios.renewals import comes_due, starts
from tests.story import Story
from tests.web.dashboard.conftest import BusyPlace
from tests.web.dashboard.people import Page, Person
from tests.web.dashboard.subscriptions.desk import address, does

LIST = "/dashboard/subscriptions"


def names(page: Page) -> list[str]:
    """Of the list's rows, in their order."""
    return re.findall(r'<a class="row"[^>]*><b[^>]*>([^<]*)<', page.html)


async def test_each_chip_counts_what_it_shows(place: BusyPlace) -> None:
    page = await place.owner.browser.sees(LIST)
    assert "8 langganan" in page.text
    chips = re.findall(r'<a href="(/dashboard/subscriptions\?status=[^"]+)"', page.html)
    assert len(chips) == 6
    counted = 0
    for chip in chips:
        shown = await place.owner.browser.sees(chip.replace("&amp;", "&"))
        chosen = re.search(r'aria-current="true">.*?<span>(\d+)</span></a>', shown.html, re.S)
        assert chosen
        assert int(chosen[1]) == len(names(shown)), chip
        counted += len(names(shown))
    assert counted == 8


async def test_the_name_leads_to_the_customer(place: BusyPlace) -> None:
    in_grace = place.busy.by_state["subscriptions"]["grace"]
    page = await place.owner.browser.sees(f"{LIST}/{in_grace}")
    named = re.search(r'<h1><a href="(/dashboard/customers/[^"]+)"[^>]*>([^<]+)<', page.html)
    assert named
    assert named[2] == LONG
    assert (await place.owner.browser.sees(named[1])).status == 200


async def test_filters_hold_and_what_is_none_is_passed_over(place: BusyPlace) -> None:
    browser = place.owner.browser
    page = await browser.sees(LIST)
    assert names(page)[:3] == [LONG, "Bengkel Dewi", "Bengkel Sari Motor"]
    assert "Bengkel Budi" in names(page)[3:], "who waits for the first payment has no day"
    assert '<option value="due" selected>' in page.html
    assert names(await browser.sees(f"{LIST}?sort=due")) == names(page)
    newest = await browser.sees(f"{LIST}?sort=newest")
    assert names(newest) != names(page)
    assert set(names(newest)) == set(names(page))
    assert "tenggang 2 hari lagi" in page.text
    page = await browser.sees(f"{LIST}?sort=due&status=suspended")
    assert names(page) == ["Bengkel Fitri"]
    assert names(await browser.sees(f"{LIST}?due=7")) == []
    assert names(await browser.sees(f"{LIST}?due=30&status=trialing")) == ["Bengkel Dewi"]
    assert names(await browser.sees(f"{LIST}?due=30&status=suspended")) == []
    assert names(await browser.sees(f"{LIST}?plan=murah")) == [LONG]
    assert len(names(await browser.sees(f"{LIST}?app={place.busy.app_id}"))) == 8
    days = "paid_through_from=2026-03-11&paid_through_to=2026-03-30"
    assert set(names(await browser.sees(f"{LIST}?status=active,grace&{days}"))) == {LONG}
    page = await browser.sees(f"{LIST}?sort=due&{days}")
    assert names(page) == [LONG, "Bengkel Dewi"]
    assert "hari terakhirnya 11 Mar 2026 sampai 30 Mar 2026" in page.text
    page = await browser.sees(f"{LIST}?sort=due&plan=gratis")
    assert "Tidak ada yang cocok" in page.text
    for query in ("paid_through_from=besok", "status=root", "due=x",
                  "sort=price", "older_than=", "at=-1", "at=99999999999",
                  "sort=due&older_than=never~x", "sort=due&newer_than=2026-02-30~", "due=-7",
                  "newer_than=%20", "plan=tidak+ada", "app=app_none"):  # fmt: skip
        page = await browser.sees(f"{LIST}?{query}")
        assert page.status == 200, query
    assert "Tidak ada yang cocok" in (await browser.sees(f"{LIST}?plan=tidak+ada")).text


async def test_a_long_list_is_turned_both_ways(story: Story, sari: Person) -> None:
    assert story.the_app is not None
    for number in range(30):
        await story.the_app.subscribes(f"tenant-{number:02}", "coba")
    for query in ("?sort=newest", "?sort=due"):
        first = await sari.browser.sees(LIST + query)
        assert len(names(first)) == 25
        assert "1–25 dari 30" in first.text
        (older,) = re.findall(r'href="([^"]+)" rel="next"', first.html)
        second = await sari.browser.sees(older.replace("&amp;", "&"))
        assert len(names(second)) == 5
        assert "26–30 dari 30" in second.text
        assert 'rel="next"' not in second.html
        (newer,) = re.findall(r'href="([^"]+)" rel="prev"', second.html)
        again = await sari.browser.sees(newer.replace("&amp;", "&"))
        assert names(again) == names(first)
        assert "1–25 dari 30" in again.text


async def test_those_without_a_day_follow_those_with_one(story: Story, sari: Person) -> None:
    assert story.the_app is not None
    for number in range(60):
        plan = ("coba", "gratis", "bulanan")[number % 3]
        await story.the_app.subscribes(f"tenant-{number:02}", plan)
    pages = [await sari.browser.sees(LIST)]
    while older := re.search(r'href="([^"]+)" rel="next"', pages[-1].html):
        pages.append(await sari.browser.sees(older[1].replace("&amp;", "&")))
    assert [len(names(page)) for page in pages] == [25, 25, 10]
    assert sorted(name for page in pages for name in names(page)) == [
        f"tenant-{number:02}" for number in range(60)
    ]
    assert "26–50 dari 60" in pages[1].text
    trials = [f"tenant-{number:02}" for number in range(0, 60, 3)]
    assert sorted(names(pages[0])[:20]) == trials
    back = pages[-1]
    for before in reversed(pages[:-1]):
        (newer,) = re.findall(r'href="([^"]+)" rel="prev"', back.html)
        back = await sari.browser.sees(newer.replace("&amp;", "&"))
        assert names(back) == names(before)
    assert 'rel="prev"' not in back.html
    assert len(names(await sari.browser.sees(f"{LIST}?status=active"))) == 20
    assert len(names(await sari.browser.sees(f"{LIST}?plan=gratis&sort=due"))) == 20


async def test_an_empty_list_says_how_it_fills(story: Story, sari: Person) -> None:
    assert story.the_app is not None
    page = await sari.browser.sees(LIST)
    assert "Belum ada langganan" in page.text


async def test_each_state_says_whether_it_is_fine_and_what_comes_next(
    place: BusyPlace,
) -> None:
    says = {
        "pending": ("Belum aktif, menunggu pembayaran pertama", "langganan ini kedaluwarsa."),
        "trialing": ("Akses terbuka, masa coba sampai 30 Maret", "Tagihan berikutnya terbit 23"),
        "active": ("Akses terbuka, dibayar sampai 31 Maret", "Tagihan berikutnya terbit 24 Maret."),
        "grace": ("Akses terbuka, berhenti 19 Maret kalau belum dibayar", "jatuh tempo 11 Maret."),
        "suspended": ("Akses tertutup sejak 8 Maret, belum dibayar", "Berakhir sendiri 7 Mei."),
        "canceled": ("Berakhir 11 Februari karena dibatalkan", "Tidak ada lagi yang ditagih."),
        "expired": ("Tidak jadi, pembayaran pertama tidak datang", "langganan ini hidup lagi."),
    }
    states = place.busy.by_state["subscriptions"]
    assert set(says) == set(states)
    for status, words in says.items():
        page = await place.owner.browser.sees(f"{LIST}/{states[status]}")
        for word in words:
            assert word in page.text, (status, page.text[:400])
    page = await place.owner.browser.sees(f"{LIST}/{states['grace']}")
    label = re.search(r'<svg[^>]*role="img" aria-label="([^"]+)"', page.html)
    assert label
    said = " ".join(label[1].replace("\N{NO-BREAK SPACE}", " ").split())
    assert said == (
        "Hari ini 16 Maret 2026. Mulai 11 Februari 2026. Dibayar sampai 11 Maret 2026. "
        "Tenggang sampai 18 Maret 2026."
    )
    for kind in ("rail-paid", "rail-grace", "rail-none", "rail-dot"):
        assert f'class="{kind}"' in page.html
    pending = await place.owner.browser.sees(f"{LIST}/{states['pending']}")
    assert "rail-" not in pending.html


async def test_everything_that_happened_is_in_the_history_a_page_at_a_time(
    story: Story, sari: Person
) -> None:
    tenant = await starts(story)
    await comes_due(story, tenant, 1)
    await tenant.pays(await tenant.asks_for_code())
    await story.service.deliver()
    await sari.signs_in(sari.browser, story.clock)
    await does(sari, tenant, "extend", reason="maaf, server mati")
    for _ in range(2):
        await does(sari, tenant, "suspend")
        await does(sari, tenant, "resume")
    page = await sari.browser.sees(address(tenant))
    for words in (
        "Sari : Memberi hari tambahan", "maaf, server mati", "31 Maret 2026 → 7 April 2026",
        "Diperpanjang sampai 31 Maret 2026", "Rp99.000 masuk lewat QRIS", "Kode QRIS diminta",
        "Masuk masa tenggang sampai 7 Maret 2026", "Pengingat di hari jatuh tempo",
        "Tagihan terbit, Rp99.000", "BB-2026-000002", "invoice.paid → Terkirim",
    ):  # fmt: skip
        assert words in page.text, words
    assert "Langganan dibuat" not in page.text
    (older,) = re.findall(r'href="([^"]+)#history">Muat yang lebih lama', page.html)
    page = await sari.browser.sees(older.replace("&amp;", "&"))
    assert "Langganan dibuat, paket Bulanan" in page.text
    assert "Muat yang lebih lama" not in page.text
    for odd in ("x", "2026-01-01", "2026-01-01T00:00~1~", "2026-01-01T00:00+00:00~-1~x"):
        assert (await sari.browser.sees(address(tenant) + f"?before={odd}")).status == 200


async def test_a_reminder_by_whatsapp_has_text_and_link_in_the_customers_language(
    story: Story, sari: Person
) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    told = await tenant.subscription()
    page = await sari.browser.sees(address(tenant))
    assert "wa.me" not in page.html
    assert "Nomor HP pelanggan belum ada" in page.text
    change = {"phone": "0812-2745-9031", "metadata": {"language": "en"}}
    path = f"/v1/customers/{told['customer']['id']}"
    assert (await tenant.app.asks("PATCH", path, change)).status == 200
    page = await sari.browser.sees(address(tenant))
    english, indonesian = (
        urlsplit(link.replace("&amp;", "&"))
        for link in re.findall(r'href="(https://wa\.me/[^"]+)"', page.html)
    )
    assert (english.path, indonesian.path) == ("/6281227459031", "/6281227459031")
    text = parse_qs(english.query)["text"][0]
    assert text.startswith("Hello Bengkel Jaya, invoice BB-2026-000001")
    assert text.endswith(told["open_invoice"]["pay_url"])
    assert unquote(indonesian.query).startswith("text=Halo Bengkel Jaya, tagihan")


async def test_a_phone_that_cannot_be_called_is_not_offered(story: Story, sari: Person) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    for phone in ("12", "nanti saja", "0" * 40, "javascript:alert(1)"):
        path = f"/v1/customers/{(await tenant.subscription())['customer']['id']}"
        assert (await tenant.app.asks("PATCH", path, {"phone": phone})).status == 200
        page = await sari.browser.sees(address(tenant))
        assert "wa.me" not in page.html
        assert "Nomor HP pelanggan tidak bisa dihubungi" in page.text


async def test_the_file_of_a_list_holds_the_rows_that_the_list_shows(place: BusyPlace) -> None:
    browser = place.owner.browser
    for query in ("status=canceled,expired", "status=active,grace&due=30", "plan=murah"):
        shown = names(await browser.sees(f"{LIST}?{query}"))
        file = (await browser.sends(f"{LIST}.csv?{query}&older_than=sub_0&at=26")).html
        assert shown
        assert len(file.splitlines()) == 1 + len(shown), query
        assert all(name in file for name in shown)

"""Deliveries: the list with its filters, one that is open, who may read what, sending it again."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from payment_service.actions.create_endpoint import NewEndpoint, create_endpoint
from payment_service.web.dashboard.webhooks.opened import readable
from tests.clocks import HandClock
from tests.scenarios.conftest import told_story
from tests.service import Service
from tests.web.dashboard.people import Page, Person, person, quick_passwords
from tests.web.dashboard.webhooks.messages import Receiver, receiver

ALL = "/dashboard/webhooks"


@pytest.fixture
async def kasir(service: Service) -> Receiver:
    return await receiver(service.runtime)


def listed(page: Page) -> list[str]:
    """The deliveries of the list, by their ids."""
    return re.findall(r'<li id="(dlv_\w+)">', page.html)


def path_of(delivery_id: str) -> str:
    return f"/dashboard/deliveries/{delivery_id}"


async def test_the_newest_stand_first_and_the_first_of_them_is_open(
    owner: Person, kasir: Receiver, clock: HandClock
) -> None:
    arrived = await kasir.tells(200, "ok")
    clock.advance(timedelta(minutes=1))
    failed = await kasir.tells(500, "rusak")
    page = await owner.browser.sees(ALL)
    assert listed(page) == [failed, arrived]
    assert "500 Internal Server Error" in page.text
    assert "rusak" in page.text
    assert "kasirkita.example.com" in page.text
    assert "2 kiriman terakhir: 1 sampai, 1 gagal" in page.text


async def test_filters_leave_out_what_does_not_fit_and_say_what_is_left(
    service: Service, owner: Person, kasir: Receiver
) -> None:
    other = await receiver(service.runtime, "BukuBengkel", "https://buku.example.com/hook")
    lost, arrived = await kasir.tells(410), await other.tells(200)
    waits = await other.is_told()
    event = (await other.delivery(arrived)).event_id
    for query, expected in (
        ("", [waits, arrived, lost]),
        ("?status=failed", [lost]),
        ("?status=delivered", [arrived]),
        ("?status=queued", [waits]),
        (f"?app={other.app.id}", [waits, arrived]),
        (f"?endpoint={kasir.endpoint_id}", [lost]),
        (f"?app={other.app.id}&status=failed", []),
        (f"?app={other.app.id}&type=endpoint.test&status=delivered", [arrived]),
        (f"?event={event}", [arrived]),
        (f"?event={event}&app={other.app.id}", [arrived]),
        (f"?event={event}&endpoint={kasir.endpoint_id}", []),
        (f"?event={event}&status=failed", []),
        (f"?q={event}", [arrived]),
        ("?q=endpoint.t&status=delivered", [arrived]),
        ("?type=invoice.paid", []),
        ("?status=%3Cb%3E&app=" + "x" * 500, [waits, arrived, lost]),
    ):
        page = await owner.browser.sees(ALL + query)
        assert page.status == 200
        assert sorted(listed(page)) == sorted(expected), query
    page = await owner.browser.sees(f"{ALL}?type=invoice.paid")
    assert "Tidak ada kiriman yang cocok" in page.text


async def test_what_was_sent_about_somebody_is_found_by_their_name_or_number(
    database_url: str, clock: HandClock, tmp_path: Path
) -> None:
    async with told_story(database_url, clock, tmp_path, passwords=quick_passwords()) as story:
        owner = await person(story.service, clock, "owner")
        sari = await story.subscribe("Bengkel Sari", "bulanan")
        await sari.pays(await sari.asks_for_code())
        await story.subscribe("Bengkel Hadi", "bulanan")
        number = sari.first_answer["open_invoice"]["number"]
        page = await owner.browser.sees(f"{ALL}?q=bengkel+sari")
        assert "invoice.paid" in page.text
        assert "subscription.created" in page.text
        assert "Bengkel Hadi" not in page.text
        about_invoice = await owner.browser.sees(f"{ALL}?q={number}")
        assert len(listed(about_invoice)) == 2
        paid = await owner.browser.sees(f"{ALL}?q=bengkel+sari&type=invoice.paid&status=delivered")
        assert "Tidak ada kiriman yang cocok" in paid.text
        assert "Tidak ada kiriman yang cocok" in (await owner.browser.sees(f"{ALL}?q=x!x")).text


async def test_two_endpoints_on_one_host_are_told_apart(
    service: Service, owner: Person, kasir: Receiver
) -> None:
    await kasir.tells(200)
    assert "→ /" not in (await owner.browser.sees(ALL)).text
    second = NewEndpoint("https://kasirkita.example.com/second", types=("invoice.paid",))
    runtime = service.runtime
    await runtime.db.write(
        create_endpoint, kasir.app, second, runtime.secrets, runtime.targets, runtime.clock.now()
    )
    assert "→ /" in (await owner.browser.sees(ALL)).text


async def test_pages_turn_both_ways_and_keep_the_filters(
    owner: Person, kasir: Receiver, clock: HandClock
) -> None:
    sent = []
    for _ in range(20):
        sent.append(await kasir.tells(200))
        clock.advance(timedelta(seconds=1))
    first = await owner.browser.sees(f"{ALL}?app={kasir.app.id}")
    assert listed(first) == sent[:4:-1]
    (older,) = re.findall(r'href="([^"]+)" rel="next"', first.html)
    assert f"app={kasir.app.id}" in older
    second = await owner.browser.sees(older.replace("&amp;", "&"))
    assert listed(second) == sent[4::-1]
    (newer,) = re.findall(r'href="([^"]+)" rel="prev"', second.html)
    assert listed(await owner.browser.sees(newer.replace("&amp;", "&"))) == sent[:4:-1]


async def test_every_attempt_stands_in_the_thread_and_the_next_one_on_it(
    owner: Person, kasir: Receiver, clock: HandClock
) -> None:
    one = await kasir.is_told()
    await kasir.answers(one, 503, "sedang dalam perbaikan", milliseconds=412)
    clock.advance(timedelta(seconds=5))
    await kasir.answers(one, None, error="timeout", milliseconds=15_003)
    page = await owner.browser.sees(path_of(one))
    assert "Dicoba lagi 10.05 WIB lalu 7 kali lagi" in page.text
    assert "Tidak menjawab Percobaan 2 · 15,0 dtk, batas waktu habis" in page.text
    assert "503 Service Unavailable Percobaan 1 · 0,4 dtk" in page.text
    assert "Jawaban mereka, percobaan 1 HTTP 503 Service Unavailable sedang dalam" in page.text
    assert page.text.index("Percobaan 2") < page.text.index("Percobaan 1")
    assert "webhook-signature: v1,…" in page.text


async def test_a_viewer_reads_how_it_went_and_nothing_of_what_was_said(
    service: Service, owner: Person, kasir: Receiver, clock: HandClock
) -> None:
    one = await kasir.tells(500, "rahasia dapur")
    viewer = await person(service, clock, "viewer", "Dewi")
    finance = await person(service, clock, "finance", "Rini")
    for path in (ALL, path_of(one), f"{ALL}/{kasir.endpoint_id}"):
        page = await viewer.browser.sees(path)
        assert page.status == 200
        assert "rahasia dapur" not in page.html
        assert "failing_since" not in page.html
        assert "/resend" not in page.html
    assert "500 Internal Server Error" in (await viewer.browser.sees(path_of(one))).text
    for admin in (owner, finance):
        page = await admin.browser.sees(path_of(one))
        assert "rahasia dapur" in page.text
        assert "failing_since" in page.text
    assert (await viewer.browser.sends(f"{path_of(one)}/resend")).status == 403
    assert (await kasir.delivery(one)).status == "retrying"


async def test_a_secret_in_an_address_is_not_for_viewers(
    service: Service, owner: Person, clock: HandClock
) -> None:
    url = "https://kasirkita.example.com/hook?kunci=rahasia-alamat"
    kasir = await receiver(service.runtime, url=url)
    one = await kasir.tells(500)
    viewer = await person(service, clock, "viewer", "Dewi")
    for path in (ALL, path_of(one), f"{ALL}/{kasir.endpoint_id}"):
        assert "rahasia-alamat" in (await owner.browser.sees(path)).html
        page = await viewer.browser.sees(path)
        assert "rahasia-alamat" not in page.html
        assert "kasirkita.example.com/hook?…" in page.text or path == ALL


async def test_sent_again_it_waits_and_who_sends_it_second_is_told(
    service: Service, owner: Person, kasir: Receiver, clock: HandClock
) -> None:
    one = await kasir.tells(410)
    await kasir.turns_on()
    finance = await person(service, clock, "finance", "Rini")
    form = (await owner.browser.sees(path_of(one))).fields(f"{path_of(one)}/resend")
    page = await owner.browser.ask("POST", f"{path_of(one)}/resend", form)
    assert page.leads_to == path_of(one)
    assert "Dikirim lagi." in (await owner.browser.follows(page)).text
    assert (await kasir.delivery(one)).status == "queued"
    page = await finance.browser.sends(f"{path_of(one)}/resend")
    assert page.status == 409
    assert "Kiriman ini sudah dalam antrean." in page.text
    page = await owner.browser.ask("POST", f"{path_of(one)}/resend", form)
    assert page.status == 409
    assert "sudah terkirim" in page.text
    log = await owner.browser.sees("/dashboard/audit?what=delivery")
    assert log.text.count("di halaman webhook") == 1
    assert "endpoint.test · KasirKita" in log.text
    assert path_of(one) in log.html


async def test_what_an_endpoint_that_pauses_holds_back_is_sent_at_once(
    owner: Person, kasir: Receiver
) -> None:
    failed, waits = await kasir.is_told(), await kasir.is_told()
    await kasir.answers(failed, 503)
    assert (await kasir.endpoint()).paused_until is not None
    page = await owner.browser.sends(f"{path_of(waits)}/resend")
    assert page.leads_to == path_of(waits)
    assert (await kasir.endpoint()).paused_until is None


async def test_to_an_endpoint_that_is_off_nothing_is_sent(owner: Person, kasir: Receiver) -> None:
    one = await kasir.tells(410)
    assert "/resend" not in (await owner.browser.sees(path_of(one))).html
    page = await owner.browser.sends(f"{path_of(one)}/resend")
    assert page.status == 409
    assert "Alamat ini mati" in page.text


async def test_what_is_not_there_is_told_so(owner: Person) -> None:
    for path in (path_of("dlv_nothing"), path_of("x'--"), f"{ALL}/ep_nothing"):
        page = await owner.browser.sees(path)
        assert page.status == 404
        assert "tidak ada" in page.text
    assert (await owner.browser.sends(f"{path_of('dlv_nothing')}/resend")).status == 404
    assert "Belum ada kiriman" in (await owner.browser.sees(ALL)).text


async def test_an_answer_with_markup_stays_what_it_was(owner: Person, kasir: Receiver) -> None:
    said = '</pre><script>alert(1)</script> شركة {{ 7*7 }} "'
    one = await kasir.tells(500, said)
    page = await owner.browser.sees(path_of(one))
    assert "<script>alert" not in page.html
    assert "&lt;/pre&gt;&lt;script&gt;alert(1)&lt;/script&gt; شركة {{ 7*7 }}" in page.html
    await kasir.answers(one, 500, "x" * 4096)
    page = await owner.browser.sees(path_of(one))
    assert "Hanya 4 KiB pertama" in page.text


def test_of_an_access_pass_only_the_beginning_is_shown() -> None:
    shown = readable(
        '{"type": "subscription.renewed", "data": {"access_pass": "eyJhbGciOiJFZERTQSJ9.x.y"}}'
    )
    assert '"access_pass": "eyJhbGciOiJF…"' in shown
    assert "x.y" not in shown

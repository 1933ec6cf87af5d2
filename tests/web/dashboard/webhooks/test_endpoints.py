"""One endpoint: how it does, a test event, and sending many again, at once by two."""

from datetime import timedelta

import pytest

from payment_service.model.resend import CHUNK
from tests.clocks import HandClock
from tests.service import Service
from tests.web.dashboard.people import Person, person
from tests.web.dashboard.webhooks.messages import Receiver, receiver


@pytest.fixture
async def kasir(service: Service) -> Receiver:
    return await receiver(service.runtime)


def here(kasir: Receiver) -> str:
    return f"/dashboard/webhooks/{kasir.endpoint_id}"


async def test_it_says_since_when_it_fails_and_what_the_breaker_does(
    owner: Person, kasir: Receiver, clock: HandClock
) -> None:
    await kasir.tells(200)
    page = await owner.browser.sees(here(kasir))
    assert "Sehat" in page.text
    assert "Tertutup: semua dikirim" in page.text
    await kasir.tells(500, times=4)
    page = await owner.browser.sees(here(kasir))
    assert "Tersendat sejak 10.00 WIB. 4 gagal beruntun." in page.text
    clock.advance(timedelta(minutes=1))
    await kasir.tells(500, times=6)
    page = await owner.browser.sees(here(kasir))
    assert "Tidak ada yang sampai sejak 10.00 WIB." in page.text
    assert "dimatikan 21 Mar 2026" in page.text or "dimatikan" in page.text
    assert "Terbuka: satu kiriman dicoba dulu" in page.text
    assert "Menunggu 10" in page.text


async def test_it_says_why_it_is_off_and_offers_nothing_to_send(
    owner: Person, kasir: Receiver
) -> None:
    await kasir.tells(410)
    page = await owner.browser.sees(here(kasir))
    assert "Mati sejak 10.00 WIB." in page.text
    assert "menjawab 410" in page.text
    assert f'action="{here(kasir)}' not in page.html
    for deed, fields in (
        ("test", {}),
        ("resend-failed", {}),
        ("resend-since", {"since": "2026-01-31"}),
    ):
        page = await owner.browser.sends(f"{here(kasir)}/{deed}", **fields)
        assert page.status in (409, 422), deed


async def test_a_test_event_is_sent_and_led_to(owner: Person, kasir: Receiver) -> None:
    page = await owner.browser.follows(await owner.browser.sends(f"{here(kasir)}/test"))
    assert "Kejadian uji dikirim." in page.text
    assert "endpoint.test" in page.text
    assert "Dikirim sebentar lagi" in page.text
    log = await owner.browser.sees("/dashboard/audit?what=endpoint")
    assert "Menguji alamat webhook" in log.text


async def test_all_that_failed_is_sent_again(owner: Person, kasir: Receiver) -> None:
    lost = [await kasir.is_told() for _ in range(3)]
    for one in lost:
        await kasir.fails_for_good(one)
    page = await owner.browser.sees(here(kasir))
    assert "Kirim ulang 3 kiriman ke kasirkita.example.com?" in page.text
    page = await owner.browser.follows(await owner.browser.sends(f"{here(kasir)}/resend-failed"))
    assert "Kirim ulang dimulai: 3 kiriman diantrekan." in page.text
    assert {(await kasir.delivery(one)).status for one in lost} == {"queued"}
    log = await owner.browser.sees("/dashboard/audit?what=endpoint")
    assert "Mengirim ulang banyak kiriman" in log.text


async def test_all_that_failed_anywhere_is_sent_again_but_to_what_is_off(
    service: Service, owner: Person, kasir: Receiver
) -> None:
    other = await receiver(service.runtime, "BukuBengkel", "https://buku.example.com/hook")
    lost = [await kasir.is_told(), await other.is_told()]
    await kasir.fails_for_good(lost[0])
    await other.fails_for_good(lost[1])
    off = await receiver(service.runtime, "Lama", "https://lama.example.com/hook")
    gone = await off.tells(410)
    page = await owner.browser.sees("/dashboard/webhooks")
    assert "Kirim ulang 2 kiriman yang gagal?" in page.text
    resend = "/dashboard/webhooks/resend-failed"
    page = await owner.browser.sends(resend, app=kasir.app.id)
    assert f"app={kasir.app.id}" in page.leads_to
    states = [(await kasir.delivery(one)).status for one in (*lost, gone)]
    assert states == ["queued", "failed", "failed"]
    page = await owner.browser.follows(await owner.browser.sends(resend))
    assert "Kirim ulang dimulai ke 1 alamat." in page.text
    states = [(await kasir.delivery(one)).status for one in (*lost, gone)]
    assert states == ["queued", "queued", "failed"]
    assert "Kirim ulang yang gagal…" not in page.text


async def test_since_a_day_all_is_sent_again_also_what_arrived(
    service: Service, kasir: Receiver, clock: HandClock
) -> None:
    finance = await person(service, clock, "finance", "Rini")
    await kasir.tells(200)
    today = clock.now().date()
    for wrong in ("", "kemarin", "2026-13-01", str(today + timedelta(days=1)), "1999-01-01"):
        page = await finance.browser.sends(f"{here(kasir)}/resend-since", since=wrong)
        assert page.status == 422, wrong
        assert "Pilih hari ini atau hari sebelumnya" in page.text
    page = await finance.browser.sends(f"{here(kasir)}/resend-since", since=str(today))
    assert "Kirim ulang dimulai" in (await finance.browser.follows(page)).text


async def test_who_asks_for_a_resend_that_is_under_way_is_told(
    service: Service, owner: Person, kasir: Receiver, clock: HandClock
) -> None:
    finance, today = await person(service, clock, "finance", "Rini"), str(clock.now().date())
    await kasir.is_told_often(CHUNK)
    page = await owner.browser.sends(f"{here(kasir)}/resend-since", since=today)
    assert "Kirim ulang sedang berjalan." in (await owner.browser.follows(page)).text
    clock.advance(timedelta(seconds=1))
    page = await finance.browser.sends(f"{here(kasir)}/resend-since", since=today)
    assert "sudah berjalan, dimulai sebelum Anda" in (await finance.browser.follows(page)).text
    page = await finance.browser.sends(f"{here(kasir)}/resend-failed")
    assert page.status == 409
    assert "Kirim ulang lain ke alamat ini masih berjalan." in page.text


async def test_a_viewer_sends_nothing(service: Service, kasir: Receiver, clock: HandClock) -> None:
    viewer = await person(service, clock, "viewer", "Dewi")
    assert "/resend" not in (await viewer.browser.sees("/dashboard/webhooks")).html
    assert f'action="{here(kasir)}' not in (await viewer.browser.sees(here(kasir))).html
    for deed in ("test", "resend-failed", "resend-since"):
        assert (await viewer.browser.sends(f"{here(kasir)}/{deed}")).status == 403

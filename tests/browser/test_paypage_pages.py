"""The payer's page of a running service: on a phone in Indonesian, at a desk in English without
script, on a slow line, and where the gateway gives no code."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from payment_service.kit.webp import LARGEST_FILE
from tests.browser.axe import everything_found
from tests.browser.office import Office, office
from tests.browser.payer import payer, subscribes
from tests.browser.person import DESK, PHONE

pytestmark = pytest.mark.usefixtures("browser")
MOST_BYTES = 60_000
SLOW = {"bytes_a_second": 30_000, "latency_ms": 400}
"""A phone at the edge of its cell."""
PATIENCE = 8.0


@pytest.fixture(scope="module")
def place(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    assert browser.is_connected()
    with office(tmp_path_factory.mktemp("office")) as built:
        yield built


def test_on_a_phone_a_code_comes_runs_out_is_renewed_paid_and_paid_ahead(
    place: Office, browser: Browser
) -> None:
    link = subscribes(place, browser, "Bengkel Jaya Motor")
    with payer(place, browser, PHONE, "id-ID") as one:
        scales = one.weighs()
        one.page.goto(link)
        one.is_at("waiting")
        one.page.get_by_role("img", name="Kode QRIS").evaluate("picture => picture.decode()")
        assert scales.bytes + LARGEST_FILE < MOST_BYTES  # a logo would come with it
        expect(one.page.get_by_text("untuk Bengkel Jaya Motor")).to_be_visible()
        with one.page.expect_download() as saving:
            one.page.get_by_role("link", name="Simpan gambar kode").click()
        assert saving.value.suggested_filename.startswith("QRIS-BB-2026-")

        place.clock.advance(timedelta(minutes=16))
        one.is_at("expired")
        one.presses("Buat kode baru")
        one.is_at("waiting")
        one.presses("Saya sudah bayar")
        one.is_at("checking")
        expect(one.page.get_by_text("Jangan bayar dua kali.", exact=True)).to_be_visible()
        one.page.get_by_role("link", name="Belum bayar? Tampilkan kodenya").click()
        one.is_at("waiting")
        one.pays("Bayar di simulator", "Saya sudah bayar")
        one.is_at("paid")
        expect(one.page.get_by_text("LUNAS", exact=True)).to_be_visible()
        with one.page.expect_download() as saving:
            one.page.get_by_role("link", name="Unduh kuitansi (PDF)").click()
        assert saving.value.path().read_bytes().startswith(b"%PDF")

        place.clock.advance(timedelta(hours=1))
        one.page.goto(link)
        one.is_at("nothing_due")
        one.page.get_by_role("radio", name="3 bulan").check()
        one.presses("Buat kode QRIS")
        one.is_at("waiting")
        one.pays("Bayar di simulator", "Saya sudah bayar")
        one.is_at("paid")
        one.page.get_by_role("link", name="Riwayat pembayaran").click()
        expect(one.page.get_by_role("listitem").filter(has_text="Rp")).to_have_count(3)
        assert everything_found(one.page) == []
        assert one.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


def test_at_a_desk_without_script_one_button_and_a_refresh_do_it_all(
    place: Office, browser: Browser
) -> None:
    link = subscribes(place, browser, "Bengkel Tanpa Skrip")
    with payer(place, browser, DESK, "en-GB", java_script_enabled=False) as one:
        one.page.goto(link)
        one.is_at("no_code")
        one.presses("Make the QRIS code")
        one.is_at("waiting")
        with one.page.expect_download() as saving:
            one.page.get_by_role("link", name="Save code as picture").click()
        assert saving.value.suggested_filename.endswith(".png")
        place.clock.advance(timedelta(minutes=16))
        one.page.reload()
        one.is_at("expired")
        one.presses("Make a new code")
        one.is_at("waiting")
        one.pays("Pay in the simulator", "I have paid")
        one.page.reload()
        one.is_at("paid")
        expect(one.page.get_by_text("PAID", exact=True)).to_be_visible()


def test_on_a_slow_line_the_code_stands_there_soon(place: Office, browser: Browser) -> None:
    link = subscribes(place, browser, "Bengkel Di Gunung")
    with payer(place, browser, PHONE, "id-ID") as one:
        scales = one.weighs()
        scales.slow_down(**SLOW)
        one.page.goto(link)
        one.is_at("waiting")
        one.page.get_by_role("img", name="Kode QRIS").evaluate("picture => picture.decode()")
        assert scales.seconds < PATIENCE


def test_where_the_gateway_gives_no_code_the_page_says_so_and_tries_again(
    place: Office, browser: Browser
) -> None:
    link = subscribes(place, browser, "Bengkel Sunyi", mode="live")
    with payer(place, browser, PHONE, "id-ID") as one:
        one.page.goto(link)
        one.is_at("gateway_silent")
        expect(one.page.get_by_text("Kami mencoba lagi sendiri.")).to_be_visible()
        one.presses("Coba sekarang")
        one.is_at("gateway_silent")
    with payer(place, browser, PHONE, "id-ID", java_script_enabled=False) as one:
        one.page.goto(link)
        one.presses("Buat kode QRIS")
        one.is_at("gateway_silent")
        path = link.removeprefix(place.origin)
        assert f'content="30;url={path}"' in one.page.content().replace("&amp;", "&")

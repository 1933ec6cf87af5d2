"""The hosted page: what it says in each state and language, and what its button does."""

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import NamedTuple

import aiohttp
import pytest
from starlette.applications import Starlette

from payment_service.kit.database import Database
from payment_service.outside.simulator.codes import SimulatedCode, by_reference, cancel, open_code
from payment_service.outside.simulator.pages import hosted_pages, hosted_path
from payment_service.outside.simulator.words import WORDS, language_of
from tests.clocks import HandClock
from tests.outside.parties import serving


class Mounted(NamedTuple):
    """The page as the main app mounts it: where, for which code, and what its button has told."""

    origin: str
    code: SimulatedCode
    paid: list[str]
    http: aiohttp.ClientSession

    async def shows(self, language: str = "", path: str | None = None) -> tuple[int, str]:
        async with self.http.get(
            self.origin + (path or hosted_path(self.code.reference)),
            headers={"Accept-Language": language},
        ) as answer:
            return answer.status, await answer.text()

    async def press(self, reference: str | None = None) -> tuple[int, str]:
        """Press the button as a browser without script does."""
        page = hosted_path(reference or self.code.reference)
        async with self.http.post(f"{self.origin}{page}/paid") as answer:
            assert answer.url.path == page
            return answer.status, await answer.text()


@pytest.fixture
async def mounted(file_of_codes: Database, clock: HandClock) -> AsyncIterator[Mounted]:
    paid: list[str] = []

    async def on_paid(reference: str) -> None:
        told = await file_of_codes.read(by_reference, reference, clock.now())
        assert told is not None
        assert told.status == "completed"  # committed before anybody hears of it
        paid.append(reference)

    async def now_for(_: str) -> datetime:
        return clock.now()

    code = await open_code(file_of_codes, "toko<b>", "chg_1", 99_000, clock.now())
    app = Starlette(routes=hosted_pages(file_of_codes, now_for, on_paid))
    async with serving(app) as port, aiohttp.ClientSession() as http:
        yield Mounted(f"http://127.0.0.1:{port}", code, paid, http)


async def test_it_shows_sum_code_and_that_it_is_a_test(mounted: Mounted) -> None:
    status, html = await mounted.shows()

    assert status == 200
    assert '<html lang="id">' in html
    for text in ("Rp100.003", "Rp99.000", "Rp1.003", "TEST JANGAN DIBAYAR", "toko&lt;b&gt;"):
        assert text in html
    assert "Uji coba, bukan uang sungguhan" in html
    assert "10.15\u00a0WIB" in html
    assert "Saya sudah bayar" in html
    assert "<svg" in html


async def test_it_speaks_english_to_an_english_browser(mounted: Mounted) -> None:
    _, html = await mounted.shows("en-GB,en;q=0.9")

    assert '<html lang="en">' in html
    assert "I have paid" in html
    assert "Rp100.003" in html


async def test_the_button_pays_once_and_tells_every_time(mounted: Mounted) -> None:
    status, html = await mounted.press()
    await mounted.press()

    assert status == 200
    assert "Lunas" in html
    assert "<button" not in html
    # The first word may have been lost with its process; another press sends it again.
    assert mounted.paid == [mounted.code.reference] * 2


async def test_a_code_past_its_minutes_has_no_button_and_cannot_be_paid(
    mounted: Mounted, clock: HandClock
) -> None:
    clock.advance(timedelta(minutes=15))

    _, html = await mounted.press()

    assert "Kode ini lewat waktu" in html
    assert "<button" not in html
    assert mounted.paid == []


async def test_a_canceled_code_cannot_be_paid(
    mounted: Mounted, file_of_codes: Database, clock: HandClock
) -> None:
    await file_of_codes.write(cancel, mounted.code.reference, clock.now())

    _, html = await mounted.press()

    assert "Transaksi ini dibatalkan" in html
    assert mounted.paid == []


async def test_an_unknown_transaction_is_not_found(mounted: Mounted) -> None:
    for status, html in (await mounted.shows(path="/pay-v2/sim_x"), await mounted.press("sim_x")):
        assert status == 404
        assert "Transaksi ini tidak ada" in html
    assert mounted.paid == []


async def test_nothing_on_the_page_needs_more_than_the_strict_policy(mounted: Mounted) -> None:
    page = mounted.origin + hosted_path(mounted.code.reference)
    async with mounted.http.get(page) as answer:
        html, policy = await answer.text(), answer.headers["Content-Security-Policy"]
    async with mounted.http.get(mounted.origin + "/pay-v2/hosted.css") as sheet:
        assert sheet.status == 200
        assert sheet.content_type == "text/css"

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|https?://(?!www\.w3\.org)", html)


async def test_looking_is_not_paying(mounted: Mounted) -> None:
    page = hosted_path(mounted.code.reference)
    assert (await mounted.shows(path=f"{page}/paid"))[0] == 405
    assert mounted.paid == []


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "id"),
        ("id-ID,id;q=0.9,en-US;q=0.8,en;q=0.7", "id"),
        ("en-US,en;q=0.9,id;q=0.8", "en"),
        ("fr,en;q=0.5", "en"),
        ("fr", "id"),
        ("en;q=banyak", "id"),
        ("*", "id"),
    ],
)
def test_english_only_where_the_browser_ranks_it_higher(header: str, language: str) -> None:
    assert language_of(header) == language


def test_both_languages_say_the_same_things() -> None:
    assert WORDS["id"].keys() == WORDS["en"].keys()

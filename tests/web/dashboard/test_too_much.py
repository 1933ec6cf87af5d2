"""More than is read of one request, and what is refused before any page is asked: a browser is told
in its language, on the page of the form where there is one."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from payment_service.model.app import app_by_id
from tests.clocks import HandClock
from tests.service import Service
from tests.web.dashboard.conftest import BusyPlace
from tests.web.dashboard.people import Browser, Person

NEW = {
    "plan_code": "panjang", "name": "🛵" * 10_000, "price": "90.000", "months": "1",
    "late_payment": "period_end", "features": "",
}  # fmt: skip
HTML = "text/html; charset=utf-8"


async def test_a_name_without_end_is_told_at_its_field_and_the_rest_is_kept(
    owner: Person,
) -> None:
    page = await owner.browser.ask("POST", "/dashboard/plans/new", {"form_key": "1", **NEW})
    assert page.status == 413
    assert "Ini jauh terlalu panjang" in page.text
    assert page.html.count('class="field wrong"') == 1
    assert page.value("price") == NEW["price"]
    assert page.value("plan_code") == NEW["plan_code"]
    assert page.value("name").startswith("🛵" * 600)
    assert "\N{REPLACEMENT CHARACTER}" not in page.html
    assert len(page.html) < 64 * 1024


async def test_a_form_of_many_long_fields_is_told_above_it(owner: Person) -> None:
    sent = {f"x{number}": "y" * 1_500 for number in range(60)}
    page = await owner.browser.ask("POST", "/dashboard/plans/new", {"form_key": "1", **sent})
    assert page.status == 413
    assert "Isian ini jauh terlalu panjang." in page.text


async def test_a_picture_that_is_far_too_large_is_told_at_its_field(
    place: BusyPlace,
) -> None:
    app_id = place.busy.app_id
    for size in (100_000, 400_000):
        here = f"/dashboard/apps/{app_id}/look"
        page = await place.owner.browser.uploads(f"{here}/logo", "logo", b"\x89PNG" + b"x" * size)
        assert page.status == 413
        assert "Berkasnya jauh lebih dari 20 KB." in page.text
        assert page.html.count('class="field wrong"') == 1
    app = await place.story.service.runtime.db.read(app_by_id, app_id)
    assert app.logo is None


async def test_what_is_too_large_waits_as_no_draft_and_asks_for_no_proof(
    owner: Person, clock: HandClock
) -> None:
    clock.advance(timedelta(minutes=6))
    page = await owner.browser.ask("POST", "/dashboard/plans/new", {"form_key": "1", **NEW})
    assert page.status == 413
    assert page.value("price") == NEW["price"]
    clock.advance(timedelta(minutes=31))
    page = await owner.browser.ask("POST", "/dashboard/plans/new", {"form_key": "2", **NEW})
    assert page.leads_to == "/dashboard/sign-in"
    assert (await owner.signs_in(owner.browser, clock)).leads_to == "/dashboard"


async def test_the_language_that_was_chosen_is_that_of_refusals_too(browser: Browser) -> None:
    await browser.sends("/dashboard/language", language="en", next="/dashboard/sign-in")
    page = await browser.ask("GET", "/dashboard/%00", Accept_Language="id")
    assert "There is nothing at this address" in page.text


@pytest.mark.parametrize("path", ["/dashboard/sign-in", "/pay/abc"])
async def test_headers_without_end_are_answered_by_a_page(service: Service, path: str) -> None:
    heard = await raw(
        service,
        f"GET {path} HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nAccept-Language: en\r\n"
        f"Cookie: {'x' * 33_000}\r\n\r\n",
    )
    head, _, body = heard.partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 431 ")
    assert "content-type: text/html; charset=utf-8" in head
    assert "content-security-policy: default-src 'none'" in head
    assert "The browser sent too much" in body


async def raw(service: Service, request: str) -> str:
    parts = urlsplit(service.origin)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(request.encode())
    heard = b""
    async with asyncio.timeout(30):
        with suppress(ConnectionError):
            while more := await reader.read(65_536):
                heard += more
    writer.close()
    return heard.decode()

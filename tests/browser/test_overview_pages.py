"""The first pages in a real Chromium: how it stands, what needs somebody, the search; on a phone in
Indonesian, at a desk in English."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from payment_service.kit.statements import Transaction
from payment_service.model.alert import raise_alert
from payment_service.model.app import app_by_id
from tests.browser.axe import violations
from tests.browser.clerk import clerk
from tests.browser.office import BusyOffice, busy_office
from tests.browser.person import DESK, PHONE
from tests.browser.presses import presses
from tests.web.dashboard.overview.conftest import Desk

pytestmark = pytest.mark.usefixtures("browser")


@pytest.fixture(scope="module")
def place(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BusyOffice]:
    assert browser.is_connected()
    with busy_office(tmp_path_factory.mktemp("busy")) as built:
        is_refused_by_the_gateway(built)
        yield built


def is_refused_by_the_gateway(place: BusyOffice) -> None:
    """And the day's run has stopped itself."""
    runtime = place.story.service.runtime
    app_id = place.busy.app_id

    def unit(tx: Transaction) -> None:
        for kind in ("gateway_refused", "suspensions_held"):
            raise_alert(
                tx, app_id=app_id, kind=kind, subject_id=app_id, message="HTTP 401",
                now=place.clock.now(), by_machine=True,
            )  # fmt: skip

    async def happens() -> None:
        await runtime.db.write(unit)
        app = await runtime.db.read(app_by_id, app_id)
        await Desk(place.story.service, place.clock).held_run(app)

    place.run(happens())


@presses("/alerts/{id}/see", "/alerts/{id}/clear")
def test_on_a_phone_the_owner_sees_what_is_wrong_and_deals_with_it(
    place: BusyOffice, browser: Browser
) -> None:
    with clerk(place, browser, PHONE, "id-ID") as one:
        one.has_session(place.session_of("owner", "Bagus"))
        one.goes("/dashboard")
        expect(one.page.get_by_text("Rp148.000").first).to_be_visible()
        assert one.page.locator("svg.few").first.is_visible()
        assert one.page.locator("svg.many").first.is_hidden()
        one.page.get_by_text("Sebagai tabel").first.click()
        expect(one.page.get_by_role("columnheader", name="Bulan").first).to_be_visible()
        assert violations(one.page) == []
        one.page.get_by_role("link", name="Lihat semua").click()
        assert one.is_at("/dashboard/attention")
        refused = one.page.get_by_role("listitem").filter(has_text="menolak permintaan")
        refused.get_by_role("button", name="Sudah dibaca").click()
        expect(one.page.get_by_text("Ditandai sudah dibaca.")).to_be_visible()
        refused.get_by_text("Tandai beres").first.click()
        refused.get_by_role("textbox").fill("kunci API baru")
        refused.get_by_role("button", name="Tandai beres").click()
        expect(one.page.get_by_text("Beres. Tercatat di jejak audit.")).to_be_visible()
        expect(refused).to_have_count(0)
        assert violations(one.page) == []


@presses("/runs/{id}/release")
def test_at_a_desk_a_held_run_is_released_and_everything_is_found(
    place: BusyOffice, browser: Browser
) -> None:
    with clerk(place, browser, DESK, "en-GB") as one:
        one.has_session(place.session_of("owner", "Rini"))
        one.goes("/dashboard")
        assert one.page.locator("svg.many").first.is_visible()
        one.page.locator(".pick summary").click()
        one.page.get_by_role("link", name="BukuBengkel", exact=True).click()
        expect(one.page).to_have_url(re.compile("app="))
        one.page.get_by_role("link", name="See who it is").or_(
            one.page.get_by_text("Nothing is due tonight.")
        ).first.wait_for()
        one.page.locator(".care").get_by_role("link", name="Decide").click()
        held = one.page.get_by_role("listitem").filter(has_text="held its suspensions")
        held.get_by_text("Suspend 12 subscriptions").first.click()
        held.get_by_role("textbox").last.fill("all of them were called")
        held.get_by_role("button", name="Suspend 12 subscriptions").click()
        expect(one.page.get_by_text("12 subscriptions are suspended")).to_be_visible()
        expect(held).to_have_count(0)
        one.goes("/dashboard")
        one.page.get_by_role("searchbox").fill("bengkel fitri")
        one.page.keyboard.press("Enter")
        expect(one.page.get_by_text("1 matches bengkel fitri")).to_be_visible()
        expect(one.page.get_by_text("Suspended", exact=True)).to_be_visible()
        assert violations(one.page) == []
        one.goes("/dashboard/tonight")
        assert violations(one.page) == []

"""Webhooks and alert channels in a real Chromium: each page and each deed, and the live half."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.axe import violations
from tests.browser.clerk import Clerk, clerk
from tests.browser.office import BusyOffice, busy_office
from tests.browser.person import DESK, PHONE
from tests.browser.presses import presses
from tests.web.dashboard.webhooks.messages import receiver

pytestmark = pytest.mark.usefixtures("browser")


@pytest.fixture(scope="module")
def place(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BusyOffice]:
    assert browser.is_connected()
    with busy_office(tmp_path_factory.mktemp("webhooks")) as built:
        built.story.receiver.answers.clear()
        yield built


def delivers(place: BusyOffice) -> None:
    """What the worker would do now."""
    place.run(place.story.service.deliver())


def one_fails(place: BusyOffice) -> None:
    """A message that could not be delivered yet, the newest of all."""
    place.clock.advance(timedelta(seconds=10))
    place.story.the_app_fails(1)
    place.run(place.story.subscribe("Bengkel Gagal", "bulanan"))
    delivers(place)
    place.story.receiver.answers.clear()


def is_untouched(one: Clerk) -> bool:
    """Whether it is still the page that was marked: nothing has loaded it again."""
    marked: bool = one.page.evaluate("window.untouched === true")
    return marked


@presses("/webhooks/{id}/test", "/deliveries/{id}/resend")
def test_on_a_phone_one_that_failed_is_sent_again_and_arrives_before_ones_eyes(
    place: BusyOffice, browser: Browser
) -> None:
    one_fails(place)
    with clerk(place, browser, PHONE, "id-ID") as one:
        one.has_session(place.session_of("finance", "Rini"))
        one.goes("/dashboard/webhooks")
        expect(one.page.locator("#opened")).to_be_hidden()
        one.page.get_by_role("link", name="Dicoba lagi").first.click()
        one.page.locator("#deliveries a").first.click()
        opened = one.page.locator("#opened")
        expect(opened.get_by_text("Percobaan 1")).to_be_visible()
        expect(one.page.locator("#deliveries")).to_be_hidden()
        one.presses("Kirim sekarang")
        expect(one.page.get_by_role("status")).to_contain_text("Dikirim lagi.")
        one.page.evaluate("window.untouched = true")
        delivers(place)
        expect(opened.locator(".pill")).to_have_text("Terkirim")
        expect(opened.get_by_text("200 OK").first).to_be_visible()
        assert is_untouched(one)
        assert violations(one.page) == []
        opened.get_by_role("link", name="127.0.0.1").click()
        one.presses("Kirim percobaan")
        expect(one.page.get_by_role("heading", name="endpoint.test")).to_be_visible()


def test_at_a_desk_what_happens_comes_to_the_list_until_it_is_paused(
    place: BusyOffice, browser: Browser
) -> None:
    with clerk(place, browser, DESK, "en-GB") as one:
        one.has_session(place.session_of("owner", "Sari"))
        one.goes("/dashboard/webhooks")
        rows, bar = one.page.locator("#deliveries li"), one.page.locator(".live button")
        expect(bar).to_have_text("Live")
        expect(one.page.locator("#opened")).to_be_visible()
        opened = one.page.locator("#opened code").inner_text()
        newest = rows.first.get_attribute("id")
        one.page.evaluate("window.untouched = true")
        place.clock.advance(timedelta(seconds=10))
        place.run(place.story.subscribe("Bengkel Baru", "bulanan"))
        expect(rows.first).not_to_have_attribute("id", newest or "")
        expect(rows.first).to_contain_text("Bengkel Baru")
        assert one.page.locator("#opened code").inner_text() == opened
        bar.click()
        expect(bar).to_have_text("Paused")
        place.clock.advance(timedelta(seconds=10))
        place.run(place.story.subscribe("Bengkel Kemudian", "bulanan"))
        one.page.wait_for_timeout(1500)
        expect(rows.first).to_contain_text("Bengkel Baru")
        bar.click()
        expect(rows.first).to_contain_text("Bengkel Kemudian")
        assert is_untouched(one)


def test_without_script_a_link_loads_the_page_again(place: BusyOffice, browser: Browser) -> None:
    with clerk(place, browser, PHONE, "id-ID", java_script_enabled=False) as one:
        one.has_session(place.session_of("viewer", "Dewi"))
        one.goes("/dashboard/webhooks?status=delivered")
        expect(one.page.locator(".live button")).to_be_hidden()
        one.page.get_by_role("link", name="Muat ulang").click()
        assert one.is_at("/dashboard/webhooks?status=delivered")
        one.page.locator("#deliveries a").first.click()
        expect(one.page.get_by_text("hanya untuk pemilik dan keuangan")).to_be_visible()


@presses("/webhooks/{id}/resend-since")
def test_at_a_desk_an_endpoint_gets_everything_again(place: BusyOffice, browser: Browser) -> None:
    with clerk(place, browser, DESK, "en-GB") as one:
        one.has_session(place.session_of("owner", "Oki"))
        one.goes(f"/dashboard/webhooks/{place.busy.ids['webhooks']}")
        one.page.locator("summary", has_text="Send again since").click()
        expect(one.page.get_by_text("Send all events to 127.0.0.1")).to_be_visible()
        one.fills(since="2026-03-01")
        one.presses("Send again")
        expect(one.page.get_by_role("status")).to_contain_text("Sending again has begun")
        delivers(place)
        assert violations(one.page) == []


@presses(
    "/settings/alerts/webhook", "/settings/alerts/{id}/edit", "/settings/alerts/{id}/remove",
    "/settings/alerts/{id}/test",
)  # fmt: skip
def test_at_a_desk_an_owner_adds_tries_edits_and_removes_a_channel(
    place: BusyOffice, browser: Browser
) -> None:
    receiver = place.story.receiver
    with clerk(place, browser, DESK, "en-GB") as one:
        one.has_session(place.session_of("owner", "Ola"))
        one.goes("/dashboard/settings")
        one.page.get_by_role("link", name="Alert channels").click()
        one.fills(target="http://10.0.0.1/x", name="Workshop group")
        one.presses("Add a webhook")
        expect(one.page.locator("#target")).to_have_attribute("aria-invalid", "true")
        one.fills(target=receiver.url)
        one.presses("Add a webhook")
        expect(one.page.get_by_role("status")).to_contain_text("Workshop group was added.")
        heard = len(receiver.heard)
        one.presses("Send a test")
        expect(one.page.get_by_text("A test went to Workshop group.")).to_be_visible()
        assert len(receiver.heard) == heard + 1
        expect(one.page.locator(".ways .state")).to_contain_text("Arrived")
        one.page.locator("summary", has_text="Change").click()
        assert violations(one.page) == []
        one.page.locator(".ways input[name=name]").fill("Everyone")
        one.presses("Save")
        expect(one.page.get_by_role("status")).to_contain_text("Everyone was saved.")
        one.page.locator("summary", has_text="Remove").click()
        one.presses("Remove")
        expect(one.page.get_by_role("status")).to_contain_text("Everyone was removed.")
        expect(one.page.get_by_text("Alerts are only shown in the dashboard.")).to_be_visible()


@pytest.mark.parametrize(
    "at_the_list",
    [
        pytest.param(True, marks=presses("/webhooks/resend-failed")),
        pytest.param(False, marks=presses("/webhooks/{id}/resend-failed")),
    ],
)
def test_on_a_phone_all_that_failed_is_sent_again(
    place: BusyOffice, browser: Browser, *, at_the_list: bool
) -> None:
    kasir = place.run(receiver(place.story.service.runtime))
    lost = place.run(kasir.is_told())
    place.run(kasir.fails_for_good(lost))
    with clerk(place, browser, PHONE, "id-ID") as one:
        one.has_session(place.session_of("finance", f"Rini {at_the_list}"))
        one.goes("/dashboard/webhooks" + ("" if at_the_list else f"/{kasir.endpoint_id}"))
        one.page.locator("summary", has_text="Kirim ulang yang gagal").click()
        expect(one.page.get_by_text("Kirim ulang 1 kiriman")).to_be_visible()
        one.page.locator("details[open] button").click()
        expect(one.page.get_by_role("status")).to_contain_text("Kirim ulang dimulai")
        assert violations(one.page) == []
    assert place.run(kasir.delivery(lost)).status == "queued"

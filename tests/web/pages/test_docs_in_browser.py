"""The reference in a real Chromium: it fits every width, and the browser has nothing to say."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect

from payment_service.web.reference.served import DOCS
from tests.contract.apart import Served, served_apart

PAGES = (
    "",
    "/plans",
    "/subscriptions",
    "/invoices",
    "/events",
    "/test-apps",
    "/webhooks",
    "/errors",
)


@pytest.fixture
def service(sqlite_url: str, tmp_path: Path) -> Iterator[Served]:
    with served_apart(sqlite_url, tmp_path) as service:
        yield service


@pytest.fixture
def tab(browser: Browser, service: Served) -> Iterator[Page]:
    """Without script; what it complains about, and what it asks of others, fails the test."""
    context = browser.new_context(java_script_enabled=False)
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        complaints.append(message.text)

    def look(request: Request) -> None:
        if not request.url.startswith(service.origin):
            complaints.append(request.url)

    context.on("console", hear)
    context.on("request", look)
    yield context.new_page()
    context.close()
    assert complaints == []


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_page_scrolls_sideways(tab: Page, service: Served, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": 844})
    for page in PAGES:
        tab.goto(f"{service.origin}{DOCS}{page}")
        inner = tab.locator("main").bounding_box()
        body = tab.locator("html").evaluate("root => root.scrollWidth")
        assert inner is not None
        assert body <= width, page


def test_a_call_is_found_from_the_first_page(tab: Page, service: Served) -> None:
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.goto(f"{service.origin}{DOCS}")
    tab.get_by_role("link", name="Cancel a subscription").click()
    call = tab.locator("#cancelSubscription")
    expect(tab).to_have_url(re.compile("/subscriptions#cancelSubscription$"))
    call.get_by_text("Refusals").click()
    call.get_by_role("link", name="cancellation_scheduled").click()
    expect(tab).to_have_url(re.compile("/errors#cancellation_scheduled$"))


def test_on_a_phone_the_section_is_in_sight_and_leads_to_the_others(
    tab: Page, service: Served
) -> None:
    tab.set_viewport_size({"width": 390, "height": 844})
    for page, title in (("/webhook-endpoints", "Webhook endpoints"), ("/errors", "Errors")):
        tab.goto(f"{service.origin}{DOCS}{page}")
        menu = tab.locator(".menu")
        expect(menu.locator("summary")).to_have_text(title)
        expect(menu.locator("summary")).to_be_in_viewport()
        menu.locator("summary").click()
        expect(menu.locator("[aria-current]")).to_have_text(title)
        expect(menu.get_by_role("link", name="Errors")).to_be_in_viewport()
        menu.get_by_role("link", name="Subscriptions").click()
        expect(tab).to_have_url(re.compile("/subscriptions$"))


def test_the_names_of_many_objects_do_not_open_a_page(tab: Page, service: Served) -> None:
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.goto(f"{service.origin}{DOCS}/events")
    expect(tab.locator("#listEvents h2")).to_be_in_viewport()
    tab.get_by_text(re.compile("objects$")).click()
    tab.locator(".objects").get_by_role("link", name="InvoicePaidEvent").click()
    expect(tab.locator("#InvoicePaidEvent h2")).to_be_in_viewport()

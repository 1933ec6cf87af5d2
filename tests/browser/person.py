"""Somebody with a browser, who signs a workshop up, pays for it and opens it."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, expect

from tests.browser.words import Words

Size = tuple[int, int]
PHONE: Size = (390, 844)
DESK: Size = (1280, 900)
TOLD_TO_STAY_OUT = "the server responded with a status of 402"
"""Chromium counts the locked workshop's status as an error."""
WATCH = """() => {
    window.untouched = true;
    window.turnedAt = new Promise((turned) => {
        new MutationObserver(() => {
            if (document.querySelector('main[data-state=paid]')) turned(Date.now());
        }).observe(document.body, { childList: true, subtree: true, attributes: true });
    });
}"""


class Person:
    """Each tab is a page; what the pages complained about is kept in `complaints`."""

    def __init__(
        self, browser: Browser, words: Words, size: Size, origins: tuple[str, ...], **options: Any
    ) -> None:
        self.words = words
        self.complaints: list[str] = []
        self._origins = origins
        self._context = browser.new_context(
            locale=words.locale, viewport={"width": size[0], "height": size[1]}, **options
        )
        self._context.set_default_timeout(15_000)
        self._context.on("console", self._hear)
        self._context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self._context.on("request", self._look_where)
        self.tab = self._context.new_page()

    def leave(self) -> None:
        self._context.close()
        assert self.complaints == []

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and TOLD_TO_STAY_OUT not in message.text:
            self.complaints.append(message.text)

    def _look_where(self, request: Request) -> None:
        if not request.url.startswith(tuple(f"{origin}/" for origin in self._origins)):
            self.complaints.append(f"asked {request.url}")

    def press(self, name: str, tab: Page | None = None) -> None:
        (tab or self.tab).get_by_role("button", name=name, exact=True).click()

    def link(self, name: str, tab: Page | None = None) -> Locator:
        return (tab or self.tab).get_by_role("link", name=name, exact=True)

    def open_in_a_tab(self, link: Locator) -> Page:
        """Not by a click: a tab that Chromium opens asks before it is told its language."""
        address = link.get_attribute("href")
        assert address
        tab = self._context.new_page()
        tab.goto(address)
        return tab

    def signs_up(self, bukubengkel: str, workshop: str) -> None:
        self.tab.goto(bukubengkel)
        self.link(self.words.sign_up).click()
        self.tab.get_by_label(self.words.workshop).fill(workshop)
        self.tab.get_by_label(self.words.owner).fill("Sari")
        self.press(self.words.to_plans)

    def chooses_the_monthly_plan(self) -> None:
        self.tab.get_by_role("radio", name="Bulanan").check()
        self.press(self.words.to_payment)

    def sees_the_code(self, tab: Page, total: str) -> None:
        """A drawn picture, and the sum with its fee, spelt out."""
        picture = tab.get_by_role("img", name=self.words.total)
        expect(picture).to_be_visible()
        picture.evaluate("picture => picture.decode()")
        expect(tab.get_by_text(total)).to_be_visible()

    def finds_the_workshop_locked(self, bukubengkel: str) -> None:
        tab = self._context.new_page()
        answer = tab.goto(f"{bukubengkel}/workshop")
        assert answer
        assert answer.status == 402
        expect(tab.get_by_role("heading", name=self.words.locked)).to_be_visible()
        tab.close()

    def pays(self, pay_page: Page) -> None:
        tab = self.open_in_a_tab(self.link(self.words.to_simulator, pay_page))
        self.press(self.words.i_have_paid, tab)
        expect(tab.get_by_role("status")).to_be_visible()

    def finds_the_workshop_open(self) -> None:
        self.link(self.words.open_workshop).click()
        expect(self.tab.get_by_role("heading", name=self.words.jobs)).to_be_visible()


def until_it_changes(read: Callable[[], str | None], tab: Page) -> None:
    """Wait until the page shows something else there."""
    before = read()
    for _ in range(100):
        tab.wait_for_timeout(100)
        if read() != before:
            return
    raise AssertionError(f"it still shows {before}")

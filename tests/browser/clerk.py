"""Somebody at the dashboard with a real Chromium, and what its pages complained about."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from payment_service.web.dashboard.cookies import SESSION
from tests.browser import presses
from tests.browser.office import Office
from tests.browser.person import Size

PASSWORD = "kuda baterai stapler benar"
REFUSED = tuple(f"status of {status} (" for status in (403, 404, 409, 422, 429))
"""Chromium counts a page that says no as an error of the console; of a picture it is one."""


class Clerk:
    """One browser; `page` is its tab."""

    def __init__(self, office: Office, context: BrowserContext) -> None:
        self.office = office
        self.context = context
        self.complaints: list[str] = []
        self.asked: list[str] = []
        """Every address, as proxies and logs may keep it."""
        self._pages: set[str] = set()
        context.set_default_timeout(10_000)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("request", self._look_where)
        context.on("response", presses.note)
        self.page: Page = context.new_page()

    def _hear(self, message: ConsoleMessage) -> None:
        where = message.location["url"]
        is_refusal = any(said in message.text for said in REFUSED) and where in self._pages
        if message.type in ("error", "warning") and not is_refusal:
            self.complaints.append(f"{message.text} {where}")

    def _look_where(self, request: Request) -> None:
        self.asked.append(request.url)
        if request.is_navigation_request():
            self._pages.add(request.url)
        if not request.url.startswith((f"{self.office.origin}/", "data:")):
            self.complaints.append(f"asked {request.url}")

    def goes(self, path: str) -> None:
        self.page.goto(self.office.origin + path)

    def has_session(self, token: str) -> None:
        """Signed in without the way there."""
        self.context.add_cookies(
            [
                {
                    "name": SESSION,
                    "value": token,
                    "domain": "localhost",
                    "path": "/",
                    "secure": True,
                    "httpOnly": True,
                    "sameSite": "Lax",
                }
            ]
        )

    def presses(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def fills(self, **fields: str) -> None:
        """By the id of each field."""
        for field, text in fields.items():
            self.page.locator(f"#{field}").fill(text)

    def is_at(self, path: str) -> bool:
        self.page.wait_for_url(f"{self.office.origin}{path}")
        return True

    def has_a_passkey_device(self) -> None:
        """A phone that knows its owner's finger."""
        session = self.context.new_cdp_session(self.page)
        session.send("WebAuthn.enable")
        session.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                }
            },
        )


@contextmanager
def clerk(
    office: Office, browser: Browser, size: Size, locale: str, **options: Any
) -> Iterator[Clerk]:
    """Nothing that the pages did was wrong in the end."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale=locale, **options
    )
    one = Clerk(office, context)
    try:
        yield one
    finally:
        context.close()
    assert one.complaints == []

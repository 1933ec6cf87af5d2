"""Somebody who has a pay link and a browser, at a service whose clock is in the test's hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

from payment_service.actions.create_key import create_key
from payment_service.kit.clock import monotonic
from payment_service.model.app import APPS, Mode
from tests.browser.office import Office
from tests.browser.person import Size

PLAN = {"code": "bulanan", "name": "Paket Bulanan", "price": 99_000, "months": 1}
REFUSED = ("status of 404", "status of 503")
"""Chromium counts the status of a page that says so as an error; of a picture it is one."""
PAGE = ("document", "fetch")


class Payer:
    """One tab; what its console complained about, and whom it asked, is kept."""

    def __init__(self, office: Office, context: BrowserContext) -> None:
        self.office = office
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self._pages: set[str] = set()
        self._context = context
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._look_where)

    def _hear(self, message: ConsoleMessage) -> None:
        where = message.location["url"]
        is_refusal = any(known in message.text for known in REFUSED) and where in self._pages
        if message.type == "error" and not is_refusal:
            self.complaints.append(f"{message.text} {where}")

    def _look_where(self, request: Request) -> None:
        if request.resource_type in PAGE:
            self._pages.add(request.url)
        if not request.url.startswith(f"{self.office.origin}/"):
            self.complaints.append(f"asked {request.url}")

    def is_at(self, state: str) -> None:
        expect(self.page.locator(f"main[data-state={state}]")).to_be_visible(timeout=20_000)

    def presses(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def pays(self, simulator: str, button: str) -> None:
        """In another tab, at the simulator, whose notice comes at once."""
        self.office.clock.advance(timedelta(seconds=5))
        tab = self._context.new_page()
        address = self.page.get_by_role("link", name=simulator).get_attribute("href")
        assert address
        tab.goto(address)
        tab.get_by_role("button", name=button).click()
        expect(tab.get_by_role("status")).to_be_visible()

    def weighs(self) -> "Scales":
        return Scales(self._context, self.page)


class Scales:
    """Counts the bytes that come over the wire, heads and all, to this page."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self.bytes = 0
        self._session = context.new_cdp_session(page)
        self._session.send("Network.enable")
        self._session.on("Network.loadingFinished", self._add)
        self._began = monotonic()

    def _add(self, finished: dict[str, Any]) -> None:
        self.bytes += int(finished["encodedDataLength"])

    def slow_down(self, *, bytes_a_second: int, latency_ms: int) -> None:
        conditions = {
            "offline": False,
            "latency": latency_ms,
            "downloadThroughput": bytes_a_second,
            "uploadThroughput": bytes_a_second,
        }
        self._session.send("Network.emulateNetworkConditions", conditions)

    @property
    def seconds(self) -> float:
        return monotonic() - self._began


@contextmanager
def payer(
    office: Office, browser: Browser, size: Size, locale: str, **options: Any
) -> Iterator[Payer]:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale=locale, **options
    )
    one = Payer(office, context)
    yield one
    context.close()
    assert one.complaints == []


def subscribes(office: Office, browser: Browser, name: str, mode: Mode = "test") -> str:
    """A tenant of the office's app of that mode; the permanent pay link."""
    assert office.runtime is not None
    runtime = office.runtime

    async def key() -> str:
        apps = await runtime.db.read(lambda tx: tx.all(APPS))
        app = next(one for one in apps if one.mode == mode)
        now = runtime.clock.now()
        _, secret = await runtime.db.write(create_key, app.id, name, ("read", "write"), now)
        return secret

    headers = {"Authorization": f"Bearer {office.run(key())}"}
    context = browser.new_context(extra_http_headers=headers)
    ask = context.request
    ask.post(f"{office.origin}/v1/plans", data=PLAN)
    body = {"customer": {"reference": name, "name": name}, "plan": PLAN["code"]}
    answer = ask.post(f"{office.origin}/v1/subscriptions", data=body)
    assert answer.status == 201, answer.text()
    url: str = answer.json()["pay_url"]
    context.close()
    return url

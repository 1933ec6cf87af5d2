"""The whole route played once, step by step, as a tenant and an app would go it."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urljoin

import aiohttp
import msgspec

from payment_service.cli.demo.parties import Parties, together
from payment_service.kit.clock import monotonic

PATIENCE_SECONDS = 10
TENANT = "Bengkel Jaya Motor"


class StepFailed(Exception):
    """A step did not go as it must; the message names it and says what was seen."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"step “{name}” failed: {reason}")
        self.name = name
        self.reason = reason


class Step(msgspec.Struct, frozen=True):
    """What was done, what came of it, and how long it took."""

    name: str
    found: str
    milliseconds: int


class Unexpected(Exception):
    """Something other than the story says was seen."""


Deed = Callable[[], Awaitable[str]]
Tell = Callable[[Step], None]


async def play(parties: Parties, tell: Tell) -> None:
    """Every step over a socket. Raises StepFailed at the first that fails."""
    jar = aiohttp.CookieJar(unsafe=True)  # the parties have addresses, not names
    async with aiohttp.ClientSession(
        cookie_jar=jar, trust_env=False, timeout=aiohttp.ClientTimeout(total=20)
    ) as browser:
        tenant = Tenant(parties, browser)

        async def do(name: str, deed: Deed) -> None:
            await _do(name, deed, parties, tell)

        # First, for the others are told its id and its keys.
        await do("register the app", parties.register_app)
        await together(
            do("start the gateway simulator", _quiet(parties.start_simulator, parties.simulator)),
            do("start the service", _quiet(parties.start_service, parties.service)),
            do("start BukuBengkel", _quiet(parties.start_bukubengkel, parties.bukubengkel)),
        )
        await do("add two plans", parties.add_plans)
        await do("sign up in BukuBengkel", tenant.signs_up)
        await do("choose a plan", tenant.chooses_a_plan)
        await do("see the code on BukuBengkel's pay page", tenant.sees_the_code)
        await do("be kept out before paying", tenant.is_kept_out)
        await do("see the code on the service's pay page", tenant.opens_the_pay_page)
        await do("scan and pay at the gateway", tenant.pays)
        await do("find the invoice paid on the pay page", tenant.finds_it_paid)
        await do("find the subscription active", tenant.is_active)
        await do("be let in by the signed webhook", tenant.is_let_in)


async def _do(name: str, deed: Deed, parties: Parties, tell: Tell) -> None:
    started = monotonic()
    try:
        found = await deed()
    except Exception as error:
        reason = str(error) or type(error).__name__
        # Often it is only what another party's end looks like from here, and a broken connection
        # is seen a moment before the process has ended.
        await asyncio.sleep(0.5)
        gone = "".join(f"; {name} has ended" for name in parties.ended())
        raise StepFailed(name, reason + gone) from error
    tell(Step(name, found, round((monotonic() - started) * 1000)))


class Tenant:
    """Somebody with a browser, a phone, and a workshop."""

    def __init__(self, parties: Parties, browser: aiohttp.ClientSession) -> None:
        self._parties = parties
        self._browser = browser
        self._attempt = ""
        self._subscription: dict[str, Any] = {}
        self._gateway_page = ""

    async def signs_up(self) -> str:
        page = await self._post(
            f"{self._parties.bukubengkel}/sign-up", workshop=TENANT, owner="Sari"
        )
        found = re.search(r'name="attempt" value="([^"]+)"', page)
        if found is None or "Tahunan" not in page:
            raise Unexpected("no list of plans after signing up")
        self._attempt = found[1]
        return "two plans, read from the service"

    async def chooses_a_plan(self) -> str:
        address = f"{self._parties.bukubengkel}/subscribe"
        page = await self._post(address, plan="bulanan", attempt=self._attempt)
        if "/pay/qr.svg" not in page:
            raise Unexpected("no code on the page after choosing a plan")
        self._subscription = await self._read_subscription()
        return f"{self._subscription['status']}, seq {self._subscription['seq']}"

    async def sees_the_code(self) -> str:
        picture = await self._get(f"{self._parties.bukubengkel}/pay/qr.svg")
        if "<svg" not in picture:
            raise Unexpected("the code is not a picture")
        return "an SVG that BukuBengkel drew"

    async def is_kept_out(self) -> str:
        if self._subscription["access"] or await self._workshop_is_open():
            raise Unexpected("the workshop is open before anything was paid")
        return "locked"

    async def opens_the_pay_page(self) -> str:
        page = await self._get(self._subscription["open_invoice"]["pay_url"])
        found = re.search(r'href="([^"]*/pay-v2/[^"]+)"', page)
        if found is None:
            raise Unexpected("no link to the gateway on the pay page")
        self._gateway_page = found[1]
        total = re.search(r"Rp[\d.]+", page)
        return total[0] if total else "the code"

    async def pays(self) -> str:
        page = await self._get(self._gateway_page)
        form = re.search(r'<form[^>]*action="([^"]+)"', page)
        if form is None:
            raise Unexpected("no button on the gateway's page")
        await self._post(urljoin(self._gateway_page, form[1]))
        return "paid at the simulator, which now tells the service"

    async def finds_it_paid(self) -> str:
        invoice = self._subscription["open_invoice"]
        await self._until(f"{invoice['pay_url']}/status", '"state":"paid"')
        if "LUNAS" not in (await self._get(invoice["pay_url"])).upper():
            raise Unexpected("the page does not say LUNAS")
        return f"{invoice['number']} LUNAS"

    async def is_active(self) -> str:
        now = await self._read_subscription()
        if now["status"] != "active" or now["seq"] != self._subscription["seq"] + 1:
            raise Unexpected(f"{now['status']}, seq {now['seq']}")
        return f"active until {now['paid_through']}, seq {now['seq']}"

    async def is_let_in(self) -> str:
        ends = monotonic() + PATIENCE_SECONDS
        while not await self._workshop_is_open():
            if monotonic() > ends:
                raise Unexpected("BukuBengkel has not heard of the payment")
            await asyncio.sleep(0.05)
        return "the workshop is open"

    async def _workshop_is_open(self) -> bool:
        """BukuBengkel answers 402 until access is true."""
        async with self._browser.get(f"{self._parties.bukubengkel}/workshop") as response:
            return response.status == 200 and "/workshop/jobs" in await response.text()

    async def _read_subscription(self) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._parties.app['api_key']}"}
        address = f"{self._parties.service}/v1/subscriptions"
        async with self._browser.get(address, headers=headers) as response:
            response.raise_for_status()
            found: dict[str, Any] = (await response.json())["data"][0]
            return found

    async def _until(self, address: str, wanted: str) -> None:
        ends = monotonic() + PATIENCE_SECONDS
        while wanted not in (said := await self._get(address)):
            if monotonic() > ends:
                raise Unexpected(f"still {said[:100]}")
            await asyncio.sleep(0.05)

    async def _get(self, address: str) -> str:
        async with self._browser.get(address) as response:
            return await _good(response)

    async def _post(self, address: str, **fields: str) -> str:
        headers = {"Sec-Fetch-Site": "same-origin"}
        async with self._browser.post(address, data=fields, headers=headers) as response:
            return await _good(response)


async def _good(response: aiohttp.ClientResponse) -> str:
    text = await response.text()
    if response.status >= 400:
        raise Unexpected(f"{response.method} {response.url.path} answered {response.status}")
    return text


def _quiet(start: Callable[[], Awaitable[None]], address: str) -> Callable[[], Awaitable[str]]:
    """A start that tells where the party answers."""

    async def run() -> str:
        await start()
        return address

    return run

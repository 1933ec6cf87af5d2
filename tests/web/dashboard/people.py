"""People who use the dashboard: their browser, without a screen, and what they know."""

import re
from collections.abc import Mapping
from datetime import timedelta
from html import unescape
from http.cookies import SimpleCookie
from typing import NamedTuple
from urllib.parse import urlsplit

import pyotp
from aiohttp import FormData

from payment_service.actions import sign_in_first
from payment_service.actions.invite_admin import invite_admin
from payment_service.kit import totp
from payment_service.kit.passwords import Passwords
from payment_service.model.admin import Role
from payment_service.model.audit import By
from payment_service.model.session import Visitor
from payment_service.web.dashboard.cookies import SESSION
from tests.clocks import HandClock
from tests.service import Answer, Service

PASSWORD = "kuda baterai stapler benar"
AGENT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"


def quick_passwords() -> Passwords:
    """Hashes that cost next to nothing."""
    return Passwords(memory_kib=8, passes=1, lanes=1)


class Page(NamedTuple):
    """An answer as a browser sees it."""

    answer: Answer

    @property
    def status(self) -> int:
        return self.answer.status

    @property
    def html(self) -> str:
        return self.answer.body.decode()

    @property
    def text(self) -> str:
        """What can be read of it, in one line."""
        body = re.sub(r"<[^>]+>", " ", self.html[self.html.find("<main") :])
        return " ".join(unescape(body).replace("\N{NO-BREAK SPACE}", " ").split())

    @property
    def leads_to(self) -> str:
        """The path of the redirect that it is."""
        assert self.status == 303, (self.status, self.text)
        return self.answer.headers["Location"]

    def fields(self, action: str) -> dict[str, str]:
        """The hidden fields of its form that is sent there."""
        sent = rf'<form[^>]*method="post" action="{re.escape(action)}".*?</form>'
        form = re.search(sent, self.html, re.S)
        assert form, f"no form for {action}"
        found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[0])
        return {name: unescape(value) for name, value in found}

    def value(self, name: str) -> str:
        """What is filled in there."""
        found = re.search(rf'<input[^>]*name="{name}"[^>]*?value="([^"]*)"', self.html)
        assert found, f"no field {name}"
        return unescape(found[1])


class Browser:
    """Keeps cookies as browsers do, and says where its forms were."""

    def __init__(self, service: Service, address: str = "203.0.113.7") -> None:
        self._service = service
        self.address = address
        self.cookies: dict[str, str] = {}
        self.last_form: dict[str, str] = {}

    async def ask(
        self,
        method: str,
        path: str,
        fields: Mapping[str, str] | FormData | None = None,
        **headers: str,
    ) -> Page:
        """`headers` are written with underscores."""
        sent = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "User-Agent": AGENT,
            "Sec-Fetch-Site": "same-origin",
            "X-Forwarded-For": self.address,
            "X-Forwarded-Proto": "https",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        answer = await self._service.ask(
            method, path, data=fields, headers={n: v for n, v in sent.items() if v}
        )
        for line in answer.headers.getall("Set-Cookie", []):  # type: ignore[attr-defined]
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return Page(answer)

    async def sees(self, path: str) -> Page:
        return await self.ask("GET", path)

    async def sends(self, path: str, **fields: str) -> Page:
        """A form, whose key is fresh unless it is given."""
        key = totp.new_seed()
        return await self.ask("POST", path, {"form_key": key, **fields})

    async def uploads(self, path: str, name: str, file: bytes, **fields: str) -> Page:
        """A form with a file in it."""
        form = FormData({"form_key": totp.new_seed(), **fields})
        form.add_field(name, file, filename="gambar.png", content_type="image/png")
        return await self.ask("POST", path, form)

    async def follows(self, page: Page) -> Page:
        parts = urlsplit(page.leads_to)
        return await self.sees(f"{parts.path}?{parts.query}" if parts.query else parts.path)

    @property
    def is_in(self) -> bool:
        return SESSION in self.cookies


class Person(NamedTuple):
    """An admin and what they know; signed in with `browser`."""

    id: str
    name: str
    email: str
    seed: str
    recovery_codes: list[str]
    browser: Browser

    def code(self, clock: HandClock) -> str:
        """What their app shows half a minute later: a code counts once."""
        return pyotp.TOTP(self.seed).at(clock.advance(timedelta(seconds=30)))

    def wrong_code(self, clock: HandClock) -> str:
        """Six digits that their app does not show now: any that are named here may be shown."""
        return other_than(pyotp.TOTP(self.seed).at(clock.now()))

    async def signs_in(self, browser: Browser, clock: HandClock) -> Page:
        halfway = await browser.sends("/dashboard/sign-in", email=self.email, password=PASSWORD)
        assert halfway.leads_to == "/dashboard/sign-in/second"
        return await browser.sends("/dashboard/sign-in/second", code=self.code(clock))


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


async def person(service: Service, clock: HandClock, role: Role, name: str = "Sari") -> Person:
    """Invited, and signed in for the first time."""
    db, now = service.runtime.db, clock.now()
    email = f"{name.lower().replace(' ', '.')}@bengkel.id"
    by = By("command line", "for the test", now)
    admin, code = await db.write(invite_admin, name, email, role, by)
    browser = Browser(service)
    visitor = Visitor(browser.address, AGENT, "req_test")
    token = await sign_in_first.use_code(service.runtime, code, visitor)
    assert isinstance(token, str)
    assert await sign_in_first.choose_password(service.runtime, token, PASSWORD, visitor)
    seed = totp.new_seed()
    shown = pyotp.TOTP(seed).at(now)
    entered = await sign_in_first.begin_with_totp(service.runtime, token, seed, shown, visitor)
    assert entered is not None
    browser.cookies[SESSION] = entered.token
    return Person(admin.id, name, email, seed, entered.recovery_codes, browser)

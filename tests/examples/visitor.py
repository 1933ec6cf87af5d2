"""A browser without a screen: keeps its cookie, fills in forms, follows redirects."""

import re
from dataclasses import dataclass
from html import unescape

import aiohttp


@dataclass(frozen=True)
class Seen:
    status: int
    path: str
    text: str
    headers: dict[str, str]


class Visitor:
    def __init__(self, url: str, language: str = "id") -> None:
        self.url = url
        self.http = aiohttp.ClientSession(
            headers={"Accept-Language": language}, cookie_jar=aiohttp.CookieJar(unsafe=True)
        )

    async def open(self, path: str) -> Seen:
        async with self.http.get(self.url + path) as answer:
            return await _seen(answer)

    async def send(
        self, path: str, form: dict[str, str] | None = None, headers: dict[str, str] | None = None
    ) -> Seen:
        async with self.http.post(self.url + path, data=form or {}, headers=headers) as answer:
            return await _seen(answer)

    async def sign_up(self, workshop: str = "Bengkel Jaya Motor", owner: str = "Jaya") -> Seen:
        return await self.send("/sign-up", {"workshop": workshop, "owner": owner})

    async def choose(self, plan: str = "bulanan") -> Seen:
        attempt = hidden_field(await self.open("/plans"), "attempt")
        return await self.send("/subscribe", {"plan": plan, "attempt": attempt})


def hidden_field(page: Seen, name: str) -> str:
    match = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert match, f"no field {name} in {page.path}"
    return unescape(match[1])


async def _seen(answer: aiohttp.ClientResponse) -> Seen:
    text = await answer.text(errors="replace")
    return Seen(answer.status, answer.url.path, unescape(text), dict(answer.headers))

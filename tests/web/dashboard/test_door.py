"""The dashboard costs nobody anything who does not use it; and when it fails, it tells nothing."""

import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from payment_service.kit.database import Database
from payment_service.web.catalogue.dashboard import DASHBOARD
from payment_service.web.dashboard.door import PREFIX
from payment_service.web.dashboard.routes import ROUTES
from payment_service.web.pages.render import WEB
from tests.service import Service
from tests.web.dashboard.people import Browser

HEAVY = (
    "argon2", "zxcvbn", "webauthn", "payment_service.kit.totp",
    "payment_service.web.dashboard.guard",
)  # fmt: skip
LOADED = f"""
import sys
import payment_service.cli.server, payment_service.config, payment_service.worker
print([name for name in {HEAVY} if name in sys.modules])
"""
SECRET = "what nobody may read"
"""In letters and with spaces: a request's number stands on the page, and in it any four digits."""


def test_a_service_that_only_bills_loads_nothing_of_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


class Broken:
    """A database that fails with something that nobody may read."""

    dialect = "sqlite"

    def __init__(self, below: Database) -> None:
        self._below = below

    async def read(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError(SECRET)

    write = examine = recall = read

    async def close(self) -> None:
        await self._below.close()


@pytest.fixture
async def broken(service: Service) -> AsyncIterator[Service]:
    """The same web, over a database that fails."""
    runtime = service.runtime
    service.web.state.runtime = msgspec.structs.replace(runtime, db=Broken(runtime.db))
    yield service
    service.web.state.runtime = runtime


async def test_a_fault_is_told_with_its_number_and_nothing_else(broken: Service) -> None:
    browser = Browser(broken)
    browser.cookies["__Host-session"] = "x"
    for guard in ROUTES:
        fields = {"form_key": "1"} if guard.method == "POST" else None
        with capture_logs() as told:
            page = await browser.ask(guard.method, PREFIX + guard.path, fields, Connection="close")
        assert page.status == 500, guard
        assert [one["event"] for one in told] == ["page_failed"]
        assert "Ada yang salah di pihak kami." in page.text
        assert page.answer.headers["Request-Id"] in page.text
        assert SECRET not in page.html
        assert "Traceback" not in page.html
        assert page.answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_every_code_of_the_dashboard_has_a_sentence_for_people() -> None:
    words = (WEB / "templates" / "dashboard" / "refusals.html").read_text()
    on_the_terminal = {"owner_exists"}
    assert [
        code.name
        for code in DASHBOARD.codes
        if f'"{code.name}"' not in words and code.name not in on_the_terminal
    ] == []

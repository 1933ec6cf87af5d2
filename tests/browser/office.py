"""The dashboard of a running service, in a thread of its own: browsers block the test's."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from pydantic import SecretStr

from payment_service.actions.invite_admin import invite_admin
from payment_service.actions.register_app import Registration, register_app
from payment_service.config import Settings, open_runtime
from payment_service.kit.crypto import new_key
from payment_service.kit.door import listening
from payment_service.kit.serving import serve_until_stopped
from payment_service.model.admin import ADMINS, Admin, Role
from payment_service.model.audit import By
from payment_service.runtime import Runtime
from payment_service.web.app import web_app
from payment_service.web.dashboard.cookies import SESSION
from tests.busy import Busy, busy
from tests.clocks import HandClock
from tests.scenarios.conftest import told_story
from tests.story import Story
from tests.web.dashboard.people import person, quick_passwords

T = TypeVar("T")
LONG = "PT Bengkel Las Bubut dan Perbaikan Mesin Diesel Putra Mandiri Jaya Abadi Kebumen"


class Office:
    """`origin` is by name, since passkeys belong to names."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.clock = HandClock()
        self.origin = ""
        self.runtime: Runtime | None = None
        self.is_over = asyncio.Event()
        self._loop = loop

    def run(self, deed: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(deed, self._loop).result(60)

    def invites(self, name: str, email: str, role: Role = "owner") -> str:
        """The one-time code."""
        assert self.runtime is not None
        by = By("command line", "for the test", self.clock.now())

        async def invite() -> str:
            assert self.runtime is not None
            _, code = await self.runtime.db.write(invite_admin, name, email, role, by)
            return code

        return self.run(invite())


class BusyOffice(Office):
    """Whoever comes in has a session already."""

    story: Story
    busy: Busy

    def session_of(self, role: Role, name: str) -> str:
        """The token of an admin who has just signed in."""
        found = self.run(person(self.story.service, self.clock, role, name))
        return found.browser.cookies[SESSION]

    def ids(self) -> dict[str, str]:
        """One thing for each noun of the addresses."""

        async def newest() -> Admin:
            return (await self.story.service.runtime.db.read(lambda tx: tx.all(ADMINS)))[-1]

        return {**self.busy.ids, "admins": self.run(newest()).id}


@contextmanager
def office(folder: Path) -> Iterator[Office]:
    """A service with apps in it, one of them with a very long name."""
    loop = asyncio.new_event_loop()
    built = Office(loop)
    with _in_a_thread(built, loop, lambda ready: _serve(built, folder, ready)):
        yield built


@contextmanager
def busy_office(folder: Path) -> Iterator[BusyOffice]:
    """A service that has been in use for a while: tests/busy.py."""
    loop = asyncio.new_event_loop()
    built = BusyOffice(loop)
    with _in_a_thread(built, loop, lambda ready: _be_busy(built, folder, ready)):
        yield built


@contextmanager
def _in_a_thread(
    built: Office,
    loop: asyncio.AbstractEventLoop,
    serve: Callable[[threading.Event], Coroutine[Any, Any, None]],
) -> Iterator[None]:
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    ready = threading.Event()
    serving = asyncio.run_coroutine_threadsafe(serve(ready), loop)
    try:
        while not ready.wait(0.05):
            if serving.done():
                serving.result()
        yield
    finally:
        loop.call_soon_threadsafe(built.is_over.set)
        serving.result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _be_busy(built: BusyOffice, folder: Path, ready: threading.Event) -> None:
    url = f"sqlite:///{folder}/busy.sqlite3"
    passwords = quick_passwords()
    async with told_story(url, built.clock, folder, passwords=passwords, host="localhost") as story:
        built.origin, built.runtime = story.service.origin, story.service.runtime
        built.story, built.busy = story, await busy(story)
        ready.set()
        await built.is_over.wait()


async def _serve(built: Office, folder: Path, ready: threading.Event) -> None:
    async with _runtime(built, folder) as (runtime, door):
        built.runtime = runtime
        serving = asyncio.create_task(
            serve_until_stopped(web_app(runtime), door, timeout_graceful_shutdown=1)
        )
        ready.set()
        await built.is_over.wait()
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving


@asynccontextmanager
async def _runtime(built: Office, folder: Path) -> AsyncIterator[tuple[Runtime, Any]]:
    with listening("127.0.0.1", 0) as door:
        built.origin = f"http://localhost:{door.getsockname()[1]}"
        settings = Settings(
            database_url=f"sqlite:///{folder}/office.sqlite3",
            base_url=built.origin,
            secret_key=SecretStr(new_key()),
            smtp_url=SecretStr("smtp://127.0.0.1:9"),
            alert_mail_from="layanan@bengkel.id",
        )
        runtime = await open_runtime(settings, clock=built.clock, make_schema=True)
        runtime = msgspec.structs.replace(runtime, passwords=quick_passwords())
        for name, mode in (("BukuBengkel", "test"), (LONG, "live")):
            wanted = Registration(name=name, mode=mode)
            box, targets, now = runtime.secrets, runtime.targets, built.clock.now()
            await runtime.db.write(register_app, wanted, box, targets, now)
        try:
            yield runtime, door
        finally:
            await runtime.close()

"""A restore, rehearsed: backed up under load with rows in every table, put back, and paid on."""

import asyncio
import base64
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from payment_service.kit.database import open_database
from tests.cli.commands import Operator
from tests.clocks import HandClock
from tests.counts import times
from tests.databases import PROGRAMS
from tests.every_table import Filled
from tests.invariants import check_invariants, row_counts
from tests.outside.parties import Receiver
from tests.service import KEY, Pakasir, running_pakasir, running_service
from tests.story import App, Story
from tests.web.dashboard.people import quick_passwords

LOAD_SECONDS = times(0, 60)
"""Before the backup. In short it is made as soon as one tenant has paid, while others do."""
IN_THE_CLEAR = "Bengkel Sari Motor"
"""A tenant's name, which anybody reads in a backup: by it the search shows that it can find."""


class Place(NamedTuple):
    """What outlives the service: its database, the machines around it, and who runs it."""

    url: str
    clock: HandClock
    pakasir: Pakasir
    receiver: Receiver
    operator: Operator
    folder: Path

    @asynccontextmanager
    async def serves(self, app: App | None = None) -> AsyncIterator[Story]:
        """With `app` it goes on where another service has ended."""
        targets = [f"127.0.0.1:{port}" for port in (self.pakasir.port, self.receiver.port)]
        async with running_service(
            self.url, self.clock, targets=targets, passwords=quick_passwords()
        ) as service:
            story = Story(service, self.clock, self.pakasir, self.receiver)
            if app is not None:
                story.the_app = App(service, app.id, app.api_key, app.webhook_secret)
                self.pakasir.notice_url = service.origin + app.notice_path
            yield story

    async def backs_up(self, *options: str) -> dict[str, Any]:
        done = await asyncio.to_thread(
            self.operator.runs, "backup", "--to", str(self.folder), "--json", *options
        )
        assert done.code == 0, done.err
        told: dict[str, Any] = done.json
        return told


@pytest.fixture
async def place(
    database_url: str, clock: HandClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Place]:
    monkeypatch.setenv("PATH", f"{PROGRAMS}:{os.environ['PATH']}")
    folder = tmp_path / "backups"
    folder.mkdir()
    gateways_own = open_database(f"sqlite:///{tmp_path}/gateway/pakasir.sqlite3")
    try:
        async with Receiver() as receiver, running_pakasir(gateways_own, clock) as pakasir:
            operator = Operator(tmp_path, database_url=database_url, secret_key=KEY)
            yield Place(database_url, clock, pakasir, receiver, operator, folder)
    finally:
        await gateways_own.close()


async def tenants_come(story: Story, known: list[str], name: str) -> None:
    """One after another, each of whom pays; `known` are those that were acknowledged."""
    number = 0
    while True:
        number += 1
        tenant = await story.subscribe(f"Bengkel {name} {number}", "bulanan")
        await tenant.pays(await tenant.asks_for_code())
        known.append(tenant.id)


def bytes_of(backup: Path) -> bytes:
    """What can be read in it; an archive is compressed."""
    if backup.suffix != ".dump":
        return backup.read_bytes()
    return subprocess.run(
        [PROGRAMS / "pg_restore", "--file=-", backup], capture_output=True, check=True
    ).stdout


def spellings(secret: str) -> Iterator[bytes]:
    """As it was handed out, and as somebody might have stored it."""
    for plain in (secret, secret.replace("-", "")):
        yield plain.encode()
        yield plain.encode().hex().encode()
        # Wherever it begins among others, some of its groups of three bytes look the same.
        yield base64.b64encode(plain.encode())[: len(plain) // 3 * 4].rstrip(b"=")
    if secret.startswith("whsec_"):
        yield base64.b64decode(secret.removeprefix("whsec_"))


@pytest.mark.timeout(times(120, 300))
@pytest.mark.parametrize("turn", range(times(1, 20)))
async def test_a_backup_made_under_load_holds_no_secret_is_put_back_and_paid_on(
    place: Place, turn: int
) -> None:
    known: list[str] = []
    async with place.serves() as story:
        filled = await Filled(story).fill()
        assert [name for name, rows in row_counts(place.url).items() if not rows] == []
        load = [asyncio.create_task(tenants_come(story, known, f"{n}")) for n in range(2)]
        while not known:  # noqa: ASYNC110 - they come by themselves
            await asyncio.sleep(0.01)
        await asyncio.sleep(LOAD_SECONDS + turn * 0.05)
        await place.backs_up()
        acknowledged = set(known)
        await asyncio.sleep(1)  # backups are named by the second
        while len(known) == len(acknowledged):  # noqa: ASYNC110 - they come by themselves
            await asyncio.sleep(0.01)
        backup = await place.backs_up("--verify")
        assert len(known) > len(acknowledged) > LOAD_SECONDS, "there was no load"
        for one in load:
            one.cancel()
            with suppress(asyncio.CancelledError):
                await one
    before = row_counts(place.url)

    held = bytes_of(Path(backup["file"]))
    assert IN_THE_CLEAR.encode() in held
    readable = [
        name for name, secret in filled.secrets.items() if any(s in held for s in spellings(secret))
    ]
    assert readable == []

    place.clock.advance(timedelta(minutes=1))
    done = place.operator.runs("restore", "--from", backup["file"], "--replace", "--json")
    assert (done.code, done.json["breaches"]) == (0, []), done.err
    restored = row_counts(place.url)
    assert [name for name, rows in restored.items() if not rows] == []
    assert all(rows <= before[name] for name, rows in restored.items())

    async with place.serves(filled.app) as story:
        assert story.the_app is not None
        for subscription_id in acknowledged:
            found = await story.the_app.asks("GET", f"/v1/subscriptions/{subscription_id}")
            assert found.json["status"] == "active"
        tenant = await story.subscribe("Bengkel Sesudahnya", "bulanan")
        await tenant.pays(await tenant.asks_for_code())
        assert await tenant.status() == "active"
        place.receiver.answers.clear()
        place.clock.advance(timedelta(hours=1))  # the app had failed: its endpoint is paused
        await story.service.deliver()
        told = [one.body for one in place.receiver.heard if tenant.id.encode() in one.body]
        assert any(b'"subscription.activated"' in body for body in told)
    check_invariants(place.url)

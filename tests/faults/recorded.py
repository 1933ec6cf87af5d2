"""A record to cut: the service as a process, writing, while apps and gateway hear what is done."""

import asyncio
import json
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

import aiohttp
from pydantic import SecretStr

from payment_service.config import Settings, open_runtime
from payment_service.kit.clock import monotonic
from tests.cli.commands import Operator
from tests.faults.disk import KEPT
from tests.faults.record import RECORDING, Deed, Kind, deeds
from tests.faults.shop import Shop, open_shop
from tests.outside.parties import Receiver
from tests.service import KEY

NEW, PAID = 10, 3
"""In a burst: subscriptions that are made, each with a code, and notices of money."""
BURSTS = range(8, 40)
"""Goes on until SQLite has begun its log anew, which it does once all of it is in the file."""
PAUSE = 0.12
"""Seconds after a burst: where nobody writes the checkpoint gets to the log's end."""
PAYERS = BURSTS.stop * PAID
UNSYNCED = (sys.executable, Path(__file__).parent / "unsynced.py")
ANSWERED = re.compile(rb"request-id: (\S+)", re.IGNORECASE)
TOLD = re.compile(rb"webhook-id: (\S+)", re.IGNORECASE)


class Promise(NamedTuple):
    """Somebody was told of this row; `at` is the place in the record where the telling began."""

    at: int
    row: str


class Record(NamedTuple):
    """A folder with the files as they were, strace's record, and which answer promised what."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "data" / "payment-service.sqlite3"

    def files(self) -> dict[str, bytes]:
        """As they were, by path."""
        before = self.folder / "before"
        return {
            str(self.database) + kind: path.read_bytes()
            for kind in KEPT
            if (path := before / (self.database.name + kind)).exists()
        }

    def log_begun(self) -> bytes:
        """Another after each time that the log was begun anew."""
        with Path(f"{self.database}-wal").open("rb") as log:
            return log.read(24)[16:]

    def deeds(self) -> list[Deed]:
        return list(deeds(self.folder / "strace"))

    def promises(self, done: list[Deed]) -> Iterator[Promise]:
        """In their order."""
        rows = json.loads((self.folder / "promised.json").read_bytes())
        for deed in done:
            if deed.kind is Kind.SAID:
                for request_id in ANSWERED.findall(deed.data):
                    yield from (
                        Promise(deed.began, row) for row in rows.get(request_id.decode(), ())
                    )
                for event in TOLD.findall(deed.data):
                    yield Promise(deed.began, event.decode())


async def record(folder: Path, *, unsynced: bool = False) -> Record:
    """Start, load, SIGTERM; then all is in the folder."""
    made = Record(folder)
    async with Receiver() as receiver:
        target = f"127.0.0.1:{receiver.port}"
        settings = Settings(
            database_url=f"sqlite:///{made.database}",
            secret_key=SecretStr(KEY),
            private_targets=target,
        )
        runtime = await open_runtime(settings)
        shop = await open_shop(runtime, webhook_url=receiver.url, payers=PAYERS)
        await runtime.close()
        shutil.copytree(made.database.parent, folder / "before")
        operator = Operator(
            folder, database_url=settings.database_url, secret_key=KEY, private_targets=target
        )
        operator.within = (*RECORDING, str(folder / "strace"))
        if unsynced:
            operator.command = UNSYNCED
        with operator.serving() as serving:
            promised = await _load(serving.origin, shop, made.log_begun)
            serving.process.terminate()
            assert await asyncio.to_thread(serving.process.wait, 30) == 0
        await asyncio.to_thread(_wait_for_end, folder / "strace", serving.process.pid)
    (folder / "promised.json").write_text(json.dumps(promised))
    return made


async def _load(origin: str, shop: Shop, begun: Callable[[], bytes]) -> dict[str, list[str]]:
    """The rows that each answer promises, by its request id."""
    promised: dict[str, list[str]] = {}
    codes = list(shop.notices)
    async with aiohttp.ClientSession() as http:

        async def subscribes(name: str) -> None:
            said = await shop.subscribes(http, origin, name)
            assert said.status == 201, said
            invoice = said.body["open_invoice"]["id"]
            promised[said.request_id] = [said.body["id"], invoice]
            said = await shop.asks(http, f"{origin}/v1/invoices/{invoice}/qris")
            assert said.status == 200, said
            promised[said.request_id] = [said.body["charge_id"]]

        async def hears_of_money(code: str) -> None:
            said = await shop.is_told_of_money(http, origin, code)
            assert said.status == 200, said
            promised[said.request_id] = [f"notice of {code}"]

        logs = set()
        for burst in range(BURSTS.stop):
            work = [subscribes(f"tenant-{burst}-{place}") for place in range(NEW)]
            work += map(hears_of_money, codes[burst * PAID : (burst + 1) * PAID])
            Random(burst).shuffle(work)
            await asyncio.gather(*work)
            await asyncio.sleep(PAUSE)
            logs.add(begun())
            if burst >= BURSTS.start and len(logs) > 1:
                break
    return promised


def _wait_for_end(record: Path, process: int) -> None:
    """strace writes the end after the process has ended."""
    end, until = re.compile(rb"(?m)^%d +\+\+\+ exited" % process), monotonic() + 30
    while True:
        with record.open("rb") as file:
            file.seek(max(0, record.stat().st_size - 2000))
            if end.search(file.read()):
                return
        assert monotonic() < until, "strace does not end its record"
        time.sleep(0.05)

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
from typing import Any, NamedTuple

import aiohttp
import msgspec
from pydantic import SecretStr

from payment_service.actions.add_plan import add_plan
from payment_service.actions.open_charge import open_charge
from payment_service.actions.register_app import Registered, Registration, register_app
from payment_service.actions.subscribe import Subscriber, subscribe
from payment_service.config import Settings, open_runtime
from payment_service.kit.clock import monotonic
from payment_service.kit.statements import Transaction, save
from payment_service.outside.simulator.codes import complete
from payment_service.outside.simulator.v2 import told
from payment_service.runtime import Runtime
from tests.cli.commands import Operator
from tests.faults.disk import KEPT
from tests.faults.record import RECORDING, Deed, Kind, deeds
from tests.outside.parties import Receiver
from tests.service import KEY
from tests.story import FAST, PLANS

NEW, PAID = 10, 3
"""In a burst: subscriptions that are made, each with a code, and notices of money."""
BURSTS = range(8, 40)
"""Goes on until SQLite has begun its log anew, which it does once all of it is in the file."""
PAUSE = 0.12
"""Seconds after a burst: where nobody writes the checkpoint gets to the log's end."""
PAYERS = BURSTS.stop * PAID
METADATA = {f"field {number}": "x" * 200 for number in range(9)}
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


class Shop(NamedTuple):
    app_id: str
    api_key: str
    secret: str
    notices: dict[str, bytes]
    """Of money that has come, by code."""


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
        shop = await _shop(runtime, receiver.url)
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


async def _shop(runtime: Runtime, webhook_url: str) -> Shop:
    """An app, and money of some of its customers of which the service has not heard."""

    def register(tx: Transaction) -> Registered:
        now = runtime.clock.now()
        wanted = Registration(name="BukuBengkel", mode="test", webhook_url=webhook_url)
        done = register_app(tx, wanted, runtime.secrets, runtime.targets, now)
        fast = msgspec.structs.replace(done.app, requests_per_second=FAST)
        save(tx, done.app, fast)
        add_plan(tx, done.app.id, PLANS[0], now)
        return done._replace(app=fast)

    done = await runtime.db.write(register)
    notices = {}
    for number in range(PAYERS):
        now = runtime.clock.now()
        who = Subscriber(f"payer-{number}")
        owed = await runtime.db.write(
            subscribe, done.app, runtime.links, who, "bulanan", None, {}, now
        )
        assert owed.resource.open_invoice is not None
        code = await open_charge(runtime, done.app.id, owed.resource.open_invoice.id)
        paid = await runtime.db.write(complete, code.charge.reference or "", now)
        assert paid is not None
        notices[code.charge.id] = msgspec.json.encode(told(paid))
    secret = runtime.secrets.open(done.app.gateway_webhook_secret or "")
    return Shop(done.app.id, done.api_key, secret, notices)


async def _load(origin: str, shop: Shop, begun: Callable[[], bytes]) -> dict[str, list[str]]:
    """The rows that each answer promises, by its request id."""
    promised: dict[str, list[str]] = {}
    notices = list(shop.notices.items())
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {shop.api_key}"}) as http:

        async def asks(path: str, wanted: int, **body: Any) -> tuple[str, Any]:
            async with http.post(origin + path, **body) as answer:
                assert answer.status == wanted, await answer.text()
                return answer.headers["request-id"], await answer.json()

        async def subscribes(number: int) -> None:
            who = {"reference": f"tenant-{number}", "metadata": METADATA}
            body = {"customer": who, "plan": "bulanan"}
            request, made = await asks("/v1/subscriptions", 201, json=body)
            promised[request] = [made["id"], made["open_invoice"]["id"]]
            request, code = await asks(f"/v1/invoices/{made['open_invoice']['id']}/qris", 200)
            promised[request] = [code["charge_id"]]

        async def hears_of_money(code: str, notice: bytes) -> None:
            request, _ = await asks(
                f"/gateway/pakasir/{shop.app_id}",
                200,
                data=notice,
                headers={"X-Secret": shop.secret},
            )
            promised[request] = [f"notice of {code}"]

        first_log = begun()
        for burst in range(BURSTS.stop):
            work = [subscribes(burst * NEW + place) for place in range(NEW)]
            mine = notices[burst * PAID : (burst + 1) * PAID]
            work += [hears_of_money(code, notice) for code, notice in mine]
            Random(burst).shuffle(work)
            await asyncio.gather(*work)
            await asyncio.sleep(PAUSE)
            if burst >= BURSTS.start and begun() != first_log:
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

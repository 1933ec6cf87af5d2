"""Instances of the service, each in a process of its own that a test opens one in and tells what
to do. They have the database in common, the test's clock, and nothing else."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from payment_service.kit.clock import monotonic
from payment_service.kit.serving import run
from payment_service.model.billing_run import BillingRun
from tests.clocks import Face
from tests.databases import memory_folder
from tests.service import Service, running_service

BEGIN_SECONDS = 60


class Asked(msgspec.Struct):
    """`deed` is `opens`, `closes` or something that a Service does."""

    deed: str
    options: dict[str, Any] = {}


class Said(msgspec.Struct):
    """`broke` is a traceback."""

    result: Any = None
    broke: str | None = None


class Instance:
    """One of them, as its test sees it."""

    def __init__(self, door: Path) -> None:
        self._door = door

    async def opens(self, database_url: str, **options: Any) -> str:
        """Tells its origin. Options as `running_service` has them."""
        origin: str = await self._asks("opens", database_url=database_url, **options)
        return origin

    async def closes(self) -> None:
        await self._asks("closes")

    async def rest(self) -> None:
        await self._asks("rest")

    async def sweep(self) -> int:
        count: int = await self._asks("sweep")
        return count

    async def bill(self) -> list[BillingRun]:
        return msgspec.convert(await self._asks("bill"), list[BillingRun])

    async def cancel_codes(self) -> None:
        await self._asks("cancel_codes")

    async def deliver(self) -> None:
        await self._asks("deliver")

    async def answers_advances_within(self, seconds: float) -> None:
        await self._asks("answers_advances_within", seconds=seconds)

    async def _asks(self, deed: str, **options: Any) -> Any:
        """Whoever no longer waits for the answer has it broken off."""
        reader, writer = await self._connected()
        try:
            writer.write(msgspec.json.encode(Asked(deed, options)) + b"\n")
            said = msgspec.json.decode(await reader.read(), type=Said)
        finally:
            writer.close()
        assert said.broke is None, said.broke
        return said.result

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        ends = monotonic() + BEGIN_SECONDS
        while True:
            try:
                return await asyncio.open_unix_connection(self._door)
            except (FileNotFoundError, ConnectionRefusedError):
                assert monotonic() < ends, "the processes did not begin"
                await asyncio.sleep(0.05)


class Instances:
    """So many processes, what they have written, and the face of the clock that they read."""

    def __init__(self, folder: Path, count: int) -> None:
        self.face = Face(folder / "clock")
        self.doors = [folder / f"{number}" for number in range(count)]
        self.all = [Instance(door) for door in self.doors]
        self._log = folder / "log"
        self._shown = 0

    def newly_logged(self) -> str:
        with self._log.open() as file:
            file.seek(self._shown)
            said = file.read()
            self._shown = file.tell()
        return said

    @contextmanager
    def running(self) -> Iterator["Instances"]:
        folder = self._log.parent
        command = [sys.executable, "-m", __name__, str(folder / "clock"), *map(str, self.doors)]
        root = Path(__file__).parents[1]
        with self._log.open("w") as log:
            # They end with this process, however it does: nobody holds their input's other end.
            process = subprocess.Popen(
                command, cwd=root, stdin=subprocess.PIPE, stdout=log, stderr=log
            )
        try:
            yield self
        finally:
            process.communicate(timeout=30)


@contextmanager
def running_instances(count: int) -> Iterator[Instances]:
    folder = Path(tempfile.mkdtemp(prefix="payment-service-instances-", dir=memory_folder()))
    try:
        with Instances(folder, count).running() as instances:
            yield instances
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Host:
    """One such process, and the instance that is open in it."""

    def __init__(self, clock: Face) -> None:
        self._clock = clock
        self._service: Service | None = None
        self._stack = AsyncExitStack()

    async def serve(self, door: Path) -> None:
        """Until its input ends."""
        # A story of a flood has hundreds of deeds at once; what finds no place is broken off.
        server = await asyncio.start_unix_server(self._meet, door, backlog=2_048)
        ended = asyncio.Event()
        asyncio.get_running_loop().add_reader(sys.stdin.fileno(), ended.set)
        await ended.wait()
        server.close()
        await self._closes()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = msgspec.json.decode(await reader.readline(), type=Asked)
        doing = asyncio.create_task(self._does(asked))
        gone = asyncio.create_task(reader.read())
        await asyncio.wait((doing, gone), return_when=asyncio.FIRST_COMPLETED)
        if not doing.done():
            doing.cancel()
            await asyncio.wait((doing,))
        gone.cancel()
        if not doing.cancelled():
            writer.write(msgspec.json.encode(doing.result()))
        writer.close()

    async def _does(self, asked: Asked) -> Said:
        try:
            if asked.deed == "opens":
                return Said(await self._opens(**asked.options))
            if asked.deed == "closes":
                await self._closes()
                return Said()
            assert self._service is not None, "nothing is open here"
            return Said(await getattr(self._service, asked.deed)(**asked.options))
        except Exception:  # noqa: BLE001 - whatever it is, the test shall fail with it
            return Said(broke=traceback.format_exc())

    async def _opens(self, database_url: str, **options: Any) -> str:
        await self._closes()  # that of a test which was broken off
        service = running_service(database_url, self._clock, **options)
        self._service = await self._stack.enter_async_context(service)
        return self._service.origin

    async def _closes(self) -> None:
        self._service = None
        await self._stack.aclose()


def main(clock: str, *doors: str) -> None:
    """Forked when all is imported: that takes longer than everything else that they do."""
    for door in doors[1:]:
        if os.fork() == 0:
            doors = (door,)
            break
    with suppress(KeyboardInterrupt):
        run(Host(Face(Path(clock))).serve(Path(doors[0])))


if __name__ == "__main__":
    main(*sys.argv[1:])

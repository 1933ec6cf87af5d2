"""A service that is started again whenever it ends, as a supervisor does."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from tests.cli.commands import COMMAND, Operator

PAUSE = 0.5
"""Seconds before the next start."""


class Supervised:
    """`ends` are the codes with which it has ended so far."""

    def __init__(self, operator: Operator, port: int) -> None:
        self.operator = operator
        self.origin = f"http://127.0.0.1:{port}"
        self.ends: list[int] = []
        self._port = str(port)

    async def run(self) -> None:
        with (self.operator.folder / "serve.log").open("ab") as log:
            while True:
                process = await asyncio.create_subprocess_exec(
                    COMMAND, "serve", "--port", self._port,
                    cwd=self.operator.folder, env=self.operator.environment({}),
                    stdout=log, stderr=log,
                )  # fmt: skip
                try:
                    self.ends.append(await process.wait())
                except asyncio.CancelledError:
                    process.kill()
                    await process.wait()
                    raise
                await asyncio.sleep(PAUSE)

    async def is_ready(self, seconds: float) -> None:
        """Until it says so."""
        async with asyncio.timeout(seconds), aiohttp.ClientSession() as http:
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    async with http.get(self.origin + "/healthz/ready") as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(0.1)

    @property
    def log(self) -> str:
        return (self.operator.folder / "serve.log").read_text()


@asynccontextmanager
async def supervised(operator: Operator, port: int) -> AsyncIterator[Supervised]:
    one = Supervised(operator, port)
    running = asyncio.create_task(one.run())
    try:
        yield one
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running

"""Run one write, read or deed of a command on the configured database."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from payment_service.config import open_runtime, read_settings
from payment_service.kit.statements import Duplicate, Transaction
from payment_service.model.app import app_by_id
from payment_service.model.audit import By
from payment_service.runtime import Runtime, now_of

T = TypeVar("T")


def write(unit: Callable[[Transaction, Runtime], T]) -> T:
    """In one durable transaction; it holds in a running `serve` at once."""

    async def run() -> T:
        runtime = await open_runtime(read_settings())
        try:
            try:
                return await runtime.db.write(unit, runtime)
            except Duplicate:  # somebody added the same at the same time: a second look finds it
                return await runtime.db.write(unit, runtime)
        finally:
            await runtime.close()

    return asyncio.run(run())


def by(runtime: Runtime, reason: str) -> By:
    """Whom the audit log names for a deed on the terminal."""
    return By("command line", reason, runtime.clock.now())


def now_for(tx: Transaction, runtime: Runtime, app_id: str) -> datetime:
    """What that app's own clock shows."""
    return now_of(runtime, app_by_id(tx, app_id))


def read(query: Callable[[Transaction], T]) -> T:
    async def run() -> T:
        runtime = await open_runtime(read_settings(), makes_new=False)
        try:
            return await runtime.db.read(query)
        finally:
            await runtime.close()

    return asyncio.run(run())


def call(deed: Callable[[Runtime], Awaitable[T]]) -> T:
    """A deed that opens its own transactions, because it calls other machines between them."""

    async def run() -> T:
        runtime = await open_runtime(read_settings())
        try:
            return await deed(runtime)
        finally:
            await runtime.close()

    return asyncio.run(run())

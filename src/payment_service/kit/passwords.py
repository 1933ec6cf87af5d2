"""Passwords: stored as Argon2id, hashed by two threads of their own, judged before they are taken.

Both libraries are loaded by name with the first password: a process that only bills has neither.
"""

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from importlib import import_module
from typing import Any, TypeVar

from payment_service.kit.errors import Unavailable

T = TypeVar("T")
AT_ONCE = 2
"""Each takes 64 MiB while it runs."""
MOST_WAITING = 32


class Passwords:
    """The parameters are those of hashes made from now on; older ones still open."""

    def __init__(self, *, memory_kib: int = 65_536, passes: int = 3, lanes: int = 4) -> None:
        self._parameters = (memory_kib, passes, lanes)
        self._threads = ThreadPoolExecutor(AT_ONCE, "password")
        self._waiting = 0
        self.checks = 0
        """How many passwords were compared."""

    async def hash(self, password: str) -> str:
        return await self._run(lambda: self._hash(password))

    async def fits(self, hashed: str | None, password: str) -> bool:
        """Without a hash it takes as long and is never true."""
        return await self._run(lambda: self._fits(hashed, password))

    async def renewed(self, hashed: str, password: str) -> str | None:
        """Another hash of a password that fits, where its parameters are no longer ours."""
        return await self._run(lambda: self._renewed(hashed, password))

    async def score(self, password: str, own_words: list[str]) -> int:
        """How hard it is to guess, 0 to 4."""
        return await self._run(lambda: self._score(password, own_words))

    def close(self) -> None:
        self._threads.shutdown()

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= MOST_WAITING:
            raise Unavailable("busy", "Too many sign in at this moment; try again soon.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1

    @cached_property
    def _argon(self) -> Any:
        return import_module("payment_service.kit.argon").Argon(*self._parameters)

    def _hash(self, password: str) -> str:
        hashed: str = self._argon.hash(_composed(password))
        return hashed

    def _fits(self, hashed: str | None, password: str) -> bool:
        self.checks += 1
        fits: bool = self._argon.fits(hashed or self._argon.decoy, _composed(password))
        return fits and hashed is not None

    def _renewed(self, hashed: str, password: str) -> str | None:
        return self._hash(password) if self._argon.is_outdated(hashed) else None

    def _score(self, password: str, own_words: list[str]) -> int:
        score: int = import_module("payment_service.kit.strength").score(password, own_words)
        return score


def _composed(password: str) -> str:
    """One spelling, whether a keyboard sends é as one character or as two."""
    return unicodedata.normalize("NFC", password)

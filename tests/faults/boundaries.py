"""What a process passes on its way: each statement of a write, its commit, and each call to others.

Reads are no boundaries: a death there leaves what the boundary before it leaves.
"""

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from payment_service.kit.database import Database
from payment_service.kit.statements import Noted, Statement, Transaction
from payment_service.outside.gateway import CodeStatus, Gateway, OpenedCode
from payment_service.outside.webhook_client import Answer, WebhookClient

Passes = Callable[[], None]
"""Is called at each boundary; it may never return, or raise."""


class Crossed:
    """A database: before each statement of a write, before its commit and after it."""

    def __init__(self, inner: Database, passes: Passes) -> None:
        self._inner = inner
        self._passes = passes
        self.dialect = inner.dialect
        self.read, self.recall = inner.read, inner.recall
        self.examine, self.close = inner.examine, inner.close

    async def write(self, unit: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        def crossed(tx: Transaction) -> Any:
            result = unit(CrossedTransaction(tx, self._passes), *args, **kwargs)
            self._passes()
            return result

        result = await self._inner.write(crossed)
        self._passes()
        return result

    write_between = write


class CrossedTransaction:
    def __init__(self, tx: Transaction, passes: Passes) -> None:
        self._tx = tx
        self._passes = passes
        self.is_alone = tx.is_alone

    @property
    def noted(self) -> list[Noted]:
        return self._tx.noted

    @noted.setter
    def noted(self, noted: list[Noted]) -> None:
        self._tx.noted = noted

    def reserve(self, name: str, /) -> bool:
        return self._tx.reserve(name)

    def one(self, statement: Statement[Any], /, **params: Any) -> Any:
        self._passes()
        return self._tx.one(statement, **params)

    def all(self, statement: Statement[Any], /, **params: Any) -> Any:
        self._passes()
        return self._tx.all(statement, **params)

    def run(self, statement: Statement[Any], /, **params: Any) -> int:
        self._passes()
        return self._tx.run(statement, **params)

    def run_all(self, statement: Statement[Any], rows: Any, /) -> int:
        self._passes()
        return self._tx.run_all(statement, rows)


class CrossedGateway:
    """A gateway: before each call, and when it has done what it was asked but nobody knows."""

    def __init__(self, inner: Gateway, passes: Passes) -> None:
        self._inner = inner
        self._passes = passes
        self.smallest, self.largest = inner.smallest, inner.largest
        self.fee, self.payment_link = inner.fee, inner.payment_link

    async def open(self, order_id: str, amount: int) -> OpenedCode:
        self._passes()
        opened = await self._inner.open(order_id, amount)
        self._passes()
        return opened

    async def status(self, order_id: str, reference: str, amount: int) -> CodeStatus:
        self._passes()
        said = await self._inner.status(order_id, reference, amount)
        self._passes()
        return said

    async def cancel(self, order_id: str, reference: str, amount: int) -> None:
        self._passes()
        await self._inner.cancel(order_id, reference, amount)
        self._passes()


class Message(NamedTuple):
    """As it arrived at a receiver."""

    url: str
    id: str
    body: str
    """A hash of it."""


class Receivers(WebhookClient):
    """All receivers of the world, who keep what they hear in a file that outlives the process."""

    def listen(self, heard: Path, passes: Passes) -> "Receivers":
        self._heard = heard
        self._passes = passes
        return self

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self._passes()
        message = Message(url, headers["webhook-id"], sha256(body).hexdigest())
        with self._heard.open("a") as file:
            file.write(json.dumps(message) + "\n")
        self._passes()
        return Answer(204, None, 1, "", None)


def messages(heard: Path) -> list[Message]:
    return [Message(*json.loads(line)) for line in heard.read_text().splitlines()]

"""SQLite: one writer thread that commits many waiting units at once, and one reader.

The units that wait run inside one `BEGIN IMMEDIATE`; one that fails rolls back alone. One commit
makes the whole batch durable, and only then are the callers answered. The next batch forms while
this one commits and while its callers go on, so that they are in it; after a lone unit nobody
waits for company.
"""

import asyncio
import os
import threading
import time
from collections.abc import Callable
from contextlib import closing
from contextvars import copy_context
from typing import Any

from payment_service.kit.answers import Outcome, Waiting, answer, wait_for_all
from payment_service.kit.checkpoint import Checkpointer
from payment_service.kit.clock import monotonic
from payment_service.kit.errors import CannotStart, Unavailable
from payment_service.kit.folder import share_folder, sync_folder
from payment_service.kit.recalled import Recalled
from payment_service.kit.sqlite_connection import DRIVER, connect, unusable
from payment_service.kit.sqlite_errors import error_name, fatal, lost_for_writing, refused
from payment_service.kit.sqlite_transaction import SQLiteTransaction
from payment_service.kit.statements import call
from payment_service.kit.write_line import WriteLine
from payment_service.kit.write_metrics import count_batch

COMPANY_SECONDS = 0.005
"""The longest that the writer waits until those it has answered have had their turn to ask again.
Without it half of the callers are in one batch and half in the next. With 32 of them that is 1,116
confirmations a second instead of 1,182, and 652 instead of 826 where a sync takes 4 ms longer."""
WARY = 16
"""Batches with savepoints after one in which a unit failed: where one fails others may."""
PATIENCE = 5.0
"""Seconds that the writer waits for other processes to end their transaction."""
TRY_EVERY = 0.001
"""Theirs may follow closely on one another: what waits by SQLite's own measure, up to 100 ms from
one look to the next, misses the gaps between them for seconds."""


class SQLiteDatabase:
    """One file. Reads run on the caller's thread: a point read takes less than a thread hop."""

    dialect = "sqlite"

    def __init__(
        self,
        path: str,
        on_fatal: Callable[[str], None],
        *,
        patience: float = PATIENCE,
        company_seconds: float = COMPANY_SECONDS,
    ) -> None:
        self.path = path
        self._on_fatal = on_fatal
        self._patience = patience
        self._company_seconds = company_seconds
        self._folder = share_folder(path)
        try:
            self._writer = connect(path)
        except CannotStart:
            os.close(self._folder)
            raise
        self._writer.execute("PRAGMA busy_timeout=0")  # it waits in _begin
        self._reader = connect(path)
        self._reader.execute("PRAGMA query_only=ON")
        sync_folder(path)
        self._checkpointer = Checkpointer(connect(path), self._on_checkpoint_error)
        self._recalled = Recalled(self._reader)
        self._line = WriteLine()
        self._closed = False
        self._wary = 0
        self._thread = threading.Thread(target=self._work, name="sqlite-writer", daemon=True)
        self._thread.start()

    async def write(self, unit: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        return await self._wait(unit, args, kwargs, lets_pass=False)

    async def write_between(self, unit: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        return await self._wait(unit, args, kwargs, lets_pass=True)

    async def _wait(
        self, unit: Callable[..., Any], args: Any, kwargs: Any, *, lets_pass: bool
    ) -> Any:
        if self._closed:
            raise Unavailable("shutting_down", "The service is stopping; ask again in a moment.")
        answer = asyncio.get_running_loop().create_future()
        self._line.join(Waiting(unit, args, kwargs, answer, copy_context(), lets_pass))
        return await answer

    async def read(self, query: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        self._reader.execute("BEGIN")
        try:
            return call(query, SQLiteTransaction(self._reader), args, kwargs)
        except DRIVER.Error as error:
            raise self._refused(error) from error
        finally:
            if self._reader.in_transaction:  # some errors have ended it already
                self._reader.execute("COMMIT")

    async def recall(self, query: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        try:
            kept = self._recalled.kept()
        except DRIVER.Error as error:
            raise self._refused(error) from error
        asked = query, args, *kwargs.items()
        if asked not in kept:
            # It may know of a commit in between already, and is forgotten at the next look.
            kept[asked] = await self.read(query, *args, **kwargs)
        return kept[asked]

    def _refused(self, error: Exception) -> Exception:
        if fatal(error):
            self._on_fatal(f"{error_name(error)}: {error}")
        return refused(error)

    async def examine(self, query: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        return await asyncio.to_thread(self._examine, query, args, kwargs)

    def _examine(self, query: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        with closing(connect(self.path)) as connection:
            connection.execute("PRAGMA query_only=ON")
            try:
                connection.execute("BEGIN")
                return call(query, SQLiteTransaction(connection), args, kwargs)
            except DRIVER.Error as error:
                raise (unusable(self.path, error) if fatal(error) else refused(error)) from error

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._line.end()
        await asyncio.to_thread(self._thread.join)
        await asyncio.to_thread(self._checkpointer.close)
        self._reader.close()
        self._writer.close()
        os.close(self._folder)

    def _work(self) -> None:
        try:
            while batch := self._line.next():
                began = monotonic()
                outcomes = self._commit(batch)
                count_batch(len(batch), len(self._line), monotonic() - began)
                had_turns = answer(batch, outcomes)
                self._checkpointer.committed(self._writer)
                if len(batch) > 1 and self._line.has_time:
                    wait_for_all(had_turns, self._company_seconds)
        except BaseException as error:
            # Without its writer the process could only hang; whatever this was, it is no answer.
            self._on_fatal(f"the writer ended: {error!r}")
            raise

    def _commit(self, batch: list[Waiting]) -> list[Outcome]:
        """Run the batch in one transaction; what each unit gave or raised.

        A batch is first tried without savepoints: of the writer's instructions for a confirmation
        they are a fifteenth. When a unit fails the others are run again, each in its own, and so
        are the units of the next batches.
        """
        committing = False
        try:
            outcomes: list[Outcome | None] = [None] * len(batch)
            if self._wary or not self._together(batch, outcomes):
                self._wary = (self._wary or WARY) - 1
                self._each_alone(batch, outcomes)
            committing = True
            self._writer.execute("COMMIT")
        except DRIVER.Error as error:
            return [(None, self._abandon(error, committing))] * len(batch)
        return outcomes  # type: ignore[return-value]  # every unit has one by now

    def _together(self, batch: list[Waiting], outcomes: list[Outcome | None]) -> bool:
        """Whether all went well. Else nothing is written, and only what failed has its outcome."""
        self._begin()
        given: list[Outcome] = []
        try:
            for waiting in batch:
                given.append((self._run(waiting), None))  # noqa: PERF401 - what came stays
        except DRIVER.Error as error:
            if lost_for_writing(error):
                raise
            # After some errors SQLite has rolled back the whole batch by itself.
            if self._writer.in_transaction:
                outcomes[len(given)] = None, refused(error)
        except Exception as error:  # noqa: BLE001 - it goes to the caller
            outcomes[len(given)] = None, error
        if len(given) < len(batch) or not self._writer.in_transaction:
            self._roll_back()
            return False
        outcomes[:] = given
        return True

    def _each_alone(self, batch: list[Waiting], outcomes: list[Outcome | None]) -> None:
        """Those that have no outcome yet; what one raises rolls back this one."""
        execute = self._writer.execute
        self._begin()
        for place, waiting in enumerate(batch):
            if outcomes[place] is not None:
                continue
            execute("SAVEPOINT unit")
            try:
                outcomes[place] = self._run(waiting), None
            except DRIVER.Error as error:
                if lost_for_writing(error) or not self._writer.in_transaction:
                    raise
                execute("ROLLBACK TO unit")
                outcomes[place] = None, refused(error)
            except Exception as error:  # noqa: BLE001 - it goes to the caller
                execute("ROLLBACK TO unit")
                outcomes[place] = None, error
            execute("RELEASE unit")

    def _run(self, one: Waiting) -> Any:
        transaction = SQLiteTransaction(self._writer)
        return one.context.run(call, one.unit, transaction, one.args, one.kwargs)

    def _begin(self) -> Any:
        until = monotonic() + self._patience
        while True:
            try:
                return self._writer.execute("BEGIN IMMEDIATE")
            except DRIVER.OperationalError as error:
                if not error_name(error).startswith("SQLITE_BUSY") or monotonic() > until:
                    raise
            time.sleep(TRY_EVERY)

    def _on_checkpoint_error(self, error: Exception) -> None:
        """After a failed sync the file cannot be trusted, but a disk that is full or somebody's
        lock passes: what was committed stays in the log until then."""
        if fatal(error):
            self._on_fatal(f"a checkpoint failed: {error_name(error)}: {error}")

    def _abandon(self, error: Exception, committing: bool) -> Exception:
        """The whole batch is lost; say whether it may be tried again, or end the process."""
        name = error_name(error)
        retriable = name.startswith(("SQLITE_FULL", "SQLITE_BUSY"))
        if lost_for_writing(error) or (committing and not retriable):
            self._on_fatal(f"{name}: {error}")
        self._roll_back()
        return refused(error)

    def _roll_back(self) -> None:
        if self._writer.in_transaction:
            self._writer.execute("ROLLBACK")

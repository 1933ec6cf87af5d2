"""A process that dies, or a unit that fails, at every boundary of every flow: once all is repeated
the books are as if nothing had happened, and what failed has left nothing behind."""

import asyncio
import re
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import msgspec
import pytest
from sqlalchemy import CursorResult, select, table, text

from payment_service.kit.database import Database
from payment_service.kit.schema import Instant
from payment_service.kit.statements import Transaction
from payment_service.migrations.tables import metadata
from payment_service.migrations.upgrade import connected
from tests.counts import times
from tests.databases import PostgresServer
from tests.dying import Boundaries, dies
from tests.earlier import contents
from tests.faults.boundaries import CrossedTransaction
from tests.faults.flows import FLOWS, Flow
from tests.faults.place import Ground, at_work, first_ground
from tests.seeds import SEED

T = TypeVar("T")
EVERY = 100_000
POINTS = times(2, EVERY, push=EVERY)
"""Boundaries of each flow that are tried."""
DYING = {"sqlite": times(6, EVERY, push=EVERY), "postgresql": times(1, EVERY, push=EVERY)}
"""Flows in which a process dies; some of them in the short form, other ones in each run."""
FAILING = {"sqlite": times(3, EVERY, push=EVERY), "postgresql": times(1, EVERY, push=4)}
"""Flows in which a unit fails."""
AGAIN = (timedelta(seconds=20), timedelta(seconds=100))
"""After what time the deed is asked for again: when leases of the dead are over, and claims."""
AS_IT_MAY_BE: dict[str, set[str]] = {
    "notices": {"times", "body"},
    "charges": {"shown_at", "lease_until", "expires_at"},
    "endpoints": {"lease_until", "lease_no"},
}
"""How often it was asked for, and who had it in hand."""
LEFT_OUT = {"billing_runs"}
"""A run that died stays there unfinished, beside the one that did its work."""
EVERY_ROW = {
    name: str(select(text("*")).select_from(table(name)))
    for name in metadata.tables
    if name not in LEFT_OUT
}
NAMES = re.compile(
    r"""[a-z]{2,5}_[0-9a-z]{26}|\b[0-9a-z]{26}\b  # ids, pay tokens
    |\b[0-9a-f]{64}\b|gAAAA[\w=-]+  # hashes, sealed secrets
    |eyJ[\w-]+\.[\w-]+\.[\w-]+|000201[^"]*6304[0-9A-F]{4}  # access passes, codes""",
    re.VERBOSE,
)
INSTANTS = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|\+\d\d:?\d\d)?")


Picture = dict[str, Counter[tuple[str, ...]]]


def picture(url: str) -> Picture:
    """The books, without the names that are drawn and the instants at which it was done."""
    with connected(url) as connection:
        return {
            name: Counter(plain_rows(name, connection.exec_driver_sql(every)))
            for name, every in EVERY_ROW.items()
        }


def plain_rows(name: str, rows: CursorResult[Any]) -> Iterator[tuple[str, ...]]:
    columns, left_out = [*rows.keys()], {"version", *AS_IT_MAY_BE.get(name, ())}
    kept = [
        (place, column, isinstance(metadata.tables[name].columns[column].type, Instant))
        for place, column in enumerate(columns)
        if column not in left_out
    ]
    for row in rows:
        yield tuple(
            f"{column}={plain(row[place], is_instant=is_instant)}"
            for place, column, is_instant in kept
        )


def plain(value: Any, *, is_instant: bool) -> str:
    if value is None or is_instant:
        return "nothing" if value is None else "an instant"
    return INSTANTS.sub("then", NAMES.sub("one", str(value)))


def differences(one: Picture, other: Picture) -> list[str]:
    return [
        f"{name}: {sign} {row}"
        for name in one
        for sign, rows in (("-", one[name] - other[name]), ("+", other[name] - one[name]))
        for row in rows
    ]


@contextmanager
def told(where: str) -> Iterator[None]:
    """What breaks there is told with where it was."""
    try:
        yield
    except Exception as error:
        error.add_note(f"{where}, FAULT_SEED={SEED}")
        raise


Copies = Callable[[Ground], Any]
"""Gives fresh copies of a ground, each gone when it is left."""


@pytest.fixture
def url(kind: str, request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(
        {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[kind]
    )
    return found


@pytest.fixture
def copies(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Copies:
    numbers = count()

    @contextmanager
    def copied(ground: Ground) -> Iterator[Ground]:
        folder = tmp_path / f"copy-{next(numbers)}"
        folder.mkdir()
        heard = Path(shutil.copy(ground.heard, folder))
        gateway = shutil.copy(ground.gateway_url.removeprefix("sqlite:///"), folder)
        copy = msgspec.structs.replace(ground, gateway_url=f"sqlite:///{gateway}", heard=heard)
        if kind == "sqlite":
            books = shutil.copy(ground.url.removeprefix("sqlite:///"), folder)
            yield msgspec.structs.replace(copy, url=f"sqlite:///{books}")
        else:
            server: PostgresServer = request.getfixturevalue("postgres")
            with server.copies() as clone:
                yield msgspec.structs.replace(copy, url=clone(ground.url, ""))
        shutil.rmtree(folder)

    return copied


async def begun(flow: Flow, url: str, folder: Path) -> Ground:
    ground = await first_ground(url, folder)
    async with at_work(ground) as place:
        await flow.begins(place)
    return msgspec.structs.replace(ground, names=place.names)


def does_and_dies(boundaries: Boundaries, ground: Ground, name: str) -> None:
    async def does() -> None:
        async with at_work(ground, boundaries.passes, after=FLOWS[name].after) as place:
            await FLOWS[name].deed(place)

    asyncio.run(does())


async def recovers(ground: Ground, flow: Flow) -> Picture:
    """Other processes ask again, and let the worker do what is due; the books afterwards."""
    first, last = AGAIN
    async with at_work(ground, after=flow.after + first) as place:
        await flow.deed(place)
    async with at_work(ground, after=flow.after + last) as place:
        await flow.deed(place)
        await place.rests()
        await place.check()
    return picture(ground.url)


def some(every: Sequence[T], most: int, why: str) -> list[T]:
    """All of them where `most` allows it, in their order."""
    drawn = Random(f"{SEED} {why}").sample(range(len(every)), min(most, len(every)))
    return [every[place] for place in sorted(drawn)]


def flows_in(numbers: dict[str, int], why: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        ("kind", "name"),
        [
            (kind, name)
            for kind, most in numbers.items()
            for name in some([*FLOWS], most, f"{why} on {kind}")
        ],
    )


@pytest.mark.timeout(1_200)
@flows_in(DYING, "deaths")
async def test_after_a_death_at_any_boundary_the_end_is_the_same(
    name: str, url: str, copies: Copies, tmp_path: Path
) -> None:
    flow = FLOWS[name]
    ground = await begun(flow, url, tmp_path)
    with copies(ground) as whole:
        code, last = dies(-1, does_and_dies, whole, name)
        assert code == 0
        expected = await recovers(whole, flow)
    points = some(range(last + 1), POINTS, f"{name} dies")
    for point in points:
        with copies(ground) as ground_of_one, told(f"{name}, boundary {point} of {last}"):
            code, _ = dies(point, does_and_dies, ground_of_one, name)
            assert code == -signal.SIGKILL
            assert differences(expected, await recovers(ground_of_one, flow)) == []
    print(f"{name}: died at {len(points)} of {last + 1} boundaries")  # noqa: T201 - a figure


class Broken(Exception):
    """What a statement may raise."""


class Failing:
    """A database whose unit fails at one of its statements, or just before its commit; what that
    leaves is compared with what was before it."""

    def __init__(self, inner: Database, url: str, at: int) -> None:
        self._inner = inner
        self._url = url
        self._at = at
        self.passed = 0
        self.has_failed = False
        self.dialect = inner.dialect
        self.read, self.recall = inner.read, inner.recall
        self.examine, self.close = inner.examine, inner.close

    def _passes(self) -> None:
        self.passed += 1
        if self.passed > self._at and not self.has_failed:
            self.has_failed = True
            raise Broken(f"at the statement {self._at}")

    async def write(self, unit: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        def failing(tx: Transaction) -> Any:
            result = unit(CrossedTransaction(tx, self._passes), *args, **kwargs)
            self._passes()
            return result

        before = None if self.has_failed else contents(self._url)
        try:
            return await self._inner.write(failing)
        except Broken:
            assert contents(self._url) == before, "a unit that failed has left something"
            raise

    write_between = write


@pytest.mark.timeout(1_200)
@flows_in(FAILING, "failures")
async def test_a_unit_that_fails_at_any_statement_has_done_nothing(
    name: str, url: str, copies: Copies, tmp_path: Path
) -> None:
    flow = FLOWS[name]
    ground = await begun(flow, url, tmp_path)
    with copies(ground) as whole:
        last = await fails(whole, flow, EVERY)
        expected = await recovers(whole, flow)
    points = some(range(last + 1), POINTS, f"{name} fails")
    for point in points:
        with copies(ground) as ground_of_one, told(f"{name}, statement {point} of {last}"):
            await fails(ground_of_one, flow, point)
            after = await recovers(ground_of_one, flow)
            assert flow.is_patient or differences(expected, after) == []
    print(f"{name}: failed at {len(points)} of {last + 1} statements")  # noqa: T201 - a figure


async def fails(ground: Ground, flow: Flow, at: int) -> int:
    """At that statement; the number of the last one that was reached."""
    made: list[Failing] = []

    def failing(inner: Database) -> Failing:
        made.append(Failing(inner, ground.url, at))
        return made[0]

    async with at_work(ground, after=flow.after, books=failing) as place:
        with suppress(Broken):
            await flow.deed(place)
    assert made[0].has_failed == (at < EVERY)
    return made[0].passed - 1

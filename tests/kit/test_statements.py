"""Statements and records: what goes in comes out, and nothing is bound by accident."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from sqlalchemy import Column, MetaData, Table, Text, false, func, select

from payment_service.kit.database import Database
from payment_service.kit.statements import (
    Moved,
    Noted,
    Record,
    Transaction,
    param,
    query,
    save,
    stored_in,
    value,
)
from tests.kit.parcels import BY_ID, WEIGH, Parcel, find, ids, parcels, send

WITA = timezone(timedelta(hours=8))
FULL = Parcel(
    id=2**63 - 1,
    label="Kopi “Toraja” 茶 ☕ '; DROP TABLE parcel; --",
    weight=2**53 + 1,
    sealed=True,
    sent_at=datetime(2026, 1, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    due_on=date(2028, 2, 29),
    contents={"cups": 12, "note": "hati-hati", "parts": [1, {"deep": None}]},
)


async def test_every_type_comes_back_as_it_went(database: Database) -> None:
    await database.write(send, FULL)
    assert await database.read(find, FULL.id) == FULL


async def test_every_nullable_type_comes_back_as_none(database: Database) -> None:
    await database.write(send, Parcel(1))
    assert await database.read(find, 1) == Parcel(1)


@pytest.mark.parametrize(
    "sent_at",
    [
        datetime(2026, 2, 1, 7, 59, 59, 5, tzinfo=WITA),
        datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC),
        datetime(1999, 12, 31, 23, 30, tzinfo=timezone(-timedelta(hours=9, minutes=30))),
    ],
)
async def test_an_instant_of_any_zone_comes_back_in_utc(
    database: Database, sent_at: datetime
) -> None:
    await database.write(send, Parcel(1, sent_at=sent_at))
    found = (await database.read(find, 1)).sent_at
    assert found == sent_at
    assert found is not None
    assert found.tzinfo is UTC


async def test_instants_sort_by_time_whatever_their_zone(database: Database) -> None:
    start = datetime(2026, 1, 31, 16, 0, tzinfo=UTC)
    for number, (zone, offset) in enumerate([(UTC, 3), (WITA, 1), (UTC, 0), (WITA, 2)]):
        instant = (start + timedelta(microseconds=offset)).astimezone(zone)
        await database.write(send, Parcel(number, sent_at=instant))
    by_time = value(select(parcels.c.id).order_by(parcels.c.sent_at), int)
    assert await database.read(lambda tx: tx.all(by_time)) == [2, 1, 3, 0]


async def test_an_instant_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="zone"):
        await database.write(send, Parcel(1, sent_at=datetime(2026, 1, 31, 3, 0)))  # noqa: DTZ001
    assert await database.read(ids) == []


async def test_an_instant_is_not_a_date(database: Database) -> None:
    with pytest.raises(TypeError, match="date"):
        await database.write(send, Parcel(1, due_on=datetime(2026, 1, 31, 3, 0, tzinfo=UTC)))
    assert await database.read(ids) == []


async def test_a_number_beyond_64_bits_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match=r"too large|out of range"):
        await database.write(send, Parcel(2**63))
    assert await database.read(ids) == []


async def test_text_is_no_number(database: Database) -> None:
    with pytest.raises(Exception, match=r"cannot store TEXT|invalid input syntax"):
        await database.write(send, Parcel(1, weight="a kilo"))  # type: ignore[arg-type]
    assert await database.read(ids) == []


@pytest.mark.parametrize("params", [{}, {"id": 1, "more": 2}, {"Id": 1}, {"id_1": 1}])
async def test_a_missing_or_unknown_parameter_is_a_type_error(
    database: Database, params: dict[str, Any]
) -> None:
    with pytest.raises(TypeError, match="parameters do not fit"):
        await database.read(lambda tx: tx.one(BY_ID, **params))


async def test_constants_of_a_statement_need_no_parameter(database: Database) -> None:
    listed = value(
        select(parcels.c.id)
        .where(parcels.c.id.in_([1, 3, 5]), parcels.c.sealed.is_(false()))
        .where(parcels.c.weight >= param("least"))
        .order_by(parcels.c.id)
        .limit(param("most")),
        int,
    )
    for number in range(1, 6):
        await database.write(send, Parcel(number, weight=number))
    found = await database.read(lambda tx: tx.all(listed, least=1, most=2))
    assert found == [1, 3]


async def test_a_parameter_may_stand_twice(database: Database) -> None:
    twice = value(
        select(parcels.c.id).where(
            (parcels.c.weight == param("number")) | (parcels.c.id == param("number"))
        ),
        int,
    )
    await database.write(send, Parcel(7, weight=1))
    assert await database.read(lambda tx: tx.all(twice, number=7)) == [7]


async def test_a_count_is_a_whole_number(database: Database) -> None:
    count = value(select(func.count()).select_from(parcels), int)
    assert await database.read(lambda tx: tx.one(count)) == 0


async def test_a_sum_of_rupiah_is_a_whole_number(database: Database) -> None:
    total = value(select(func.sum(parcels.c.weight)), int)
    await database.write(send, Parcel(1, weight=99_000))
    await database.write(send, Parcel(2, weight=1_003))
    assert type(await database.read(lambda tx: tx.one(total))) is int


async def test_rows_written_are_counted(database: Database) -> None:
    await database.write(send, Parcel(1))
    assert await database.write(lambda tx: tx.run(WEIGH, this=1, new_weight=5)) == 1
    assert await database.write(lambda tx: tx.run(WEIGH, this=2, new_weight=5)) == 0


async def test_saving_writes_what_changed_and_counts_the_version(database: Database) -> None:
    await database.write(send, FULL)
    opened = msgspec.structs.replace(FULL, sealed=False, sent_at=None)
    saved = await database.write(save, FULL, opened)
    assert saved == msgspec.structs.replace(opened, version=2)
    assert await database.read(find, FULL.id) == saved


class Recorder:
    """A transaction that only remembers what was run."""

    is_alone = True

    def __init__(self) -> None:
        self.ran: list[dict[str, Any]] = []
        self.noted: list[Noted] = []

    def run(self, _statement: Any, /, **params: Any) -> int:
        self.ran.append(params)
        return 1

    reserve: Callable[..., bool]
    one: Callable[..., Any]
    all: Callable[..., Any]
    run_all: Callable[..., Any]


def test_saving_names_only_the_columns_that_changed() -> None:
    recorder = Recorder()
    save(recorder, FULL, msgspec.structs.replace(FULL, weight=3))
    assert recorder.ran == [
        {"new_weight": 3, "new_version": 2, "key_id": FULL.id, "seen_version": 1}
    ]


def test_saving_an_unchanged_record_writes_nothing() -> None:
    recorder = Recorder()
    assert save(recorder, FULL, msgspec.structs.replace(FULL)) is FULL
    assert recorder.ran == []


async def test_a_row_that_moved_is_not_overwritten(database: Database) -> None:
    await database.write(send, Parcel(1, weight=5))
    seen = await database.read(find, 1)
    await database.write(save, seen, msgspec.structs.replace(seen, weight=6))
    with pytest.raises(Moved, match="parcel"):
        await database.write(save, seen, msgspec.structs.replace(seen, weight=7))
    assert (await database.read(find, 1)).weight == 6


async def test_a_row_that_is_gone_has_moved(database: Database) -> None:
    with pytest.raises(Moved):
        await database.write(save, Parcel(1), Parcel(1, weight=7))


async def test_the_second_of_two_savings_in_one_unit_starts_from_the_first(
    database: Database,
) -> None:
    def weigh_twice(tx: Transaction) -> Parcel:
        first = find(tx, 1)
        second = save(tx, first, msgspec.structs.replace(first, weight=2))
        return save(tx, second, msgspec.structs.replace(second, weight=3))

    await database.write(send, Parcel(1))
    assert (await database.write(weigh_twice)).version == 3
    assert (await database.read(find, 1)).weight == 3


def test_a_record_must_have_the_columns_of_its_table() -> None:
    class Crate(Record, frozen=True):
        id: str
        weight: int

    crates = Table("crate", MetaData(), Column("weight", Text), Column("id", Text))
    with pytest.raises(TypeError, match="is not"):
        stored_in(crates)(Crate)
    with pytest.raises(TypeError, match="has fields"):
        query(select(crates), Crate)

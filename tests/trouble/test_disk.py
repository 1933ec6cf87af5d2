"""A disk that fills up: told early, refused truly, and over by itself."""

from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import text

from payment_service.kit.errors import Unavailable
from payment_service.kit.machine import MEGABYTE
from payment_service.kit.statements import Transaction, command
from payment_service.model.fact import RENEW_FACT
from tests.trouble.conftest import Place, told

NO_MORE_PAGES = command(text("PRAGMA max_page_count = 1"))
PAGES_AGAIN = command(text("PRAGMA max_page_count = 1000000"))
TEN_SECONDS, HOUR = timedelta(seconds=10), timedelta(hours=1)


async def test_the_owner_hears_early_and_the_service_says_when_it_is_not_ready(
    place: Place,
) -> None:
    place.free.append(900 * MEGABYTE)
    assert told(await place.looks(), "trouble_began") == ["disk_full"]
    assert place.owner.kinds == ["disk_full"]
    assert (await place.ready()).status == 200

    place.free.append(499 * MEGABYTE)
    refused = await place.ready()
    assert (refused.status, refused.json["code"]) == (503, "disk_full")
    assert "499 MB" in refused.json["detail"]
    assert (await place.service.ask("GET", "/healthz/live")).status == 200

    place.free.append(5000 * MEGABYTE)
    assert (await place.ready()).status == 200
    assert told(await place.looks(), "trouble_over") == ["disk_full"]
    assert await place.open_kinds() == []


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
async def test_a_write_that_finds_no_room_is_told_although_smaller_ones_find_some(
    place: Place,
) -> None:
    """There is a quota, or what was freed is taken again: the disk itself says nothing."""
    db = place.runtime.db
    await db.write(lambda tx: tx.run(NO_MORE_PAGES))
    with pytest.raises(Unavailable, match="disk_full"):
        await db.write(fill, 100)
    assert told(await place.looks(), "trouble_began") == ["disk_full"]
    assert place.owner.kinds == ["disk_full"]
    assert told(await place.looks(), "trouble_over") == []
    await db.write(lambda tx: tx.run(PAGES_AGAIN))
    await db.write(fill, 100)
    assert told(await place.looks(timedelta(minutes=6)), "trouble_over") == ["disk_full"]
    assert await place.open_kinds() == []


def fill(tx: Transaction, pages: int) -> None:
    tx.run(RENEW_FACT, name="filling", value="x" * 4096 * pages)


@pytest.mark.parametrize("place", ["postgresql"], indirect=True)
async def test_a_server_that_only_reads_is_told_and_written_to_again_when_it_may_be(
    place: Place,
) -> None:
    """As a standby does before it is promoted."""
    only_reads(place.url, True)
    refused = await place.ready()
    assert (refused.status, refused.json["code"]) == (503, "database_read_only")
    assert told(await place.looks(), "trouble_began") == ["database_read_only"]
    for after, times in ((TEN_SECONDS, 1), (HOUR, 2), (TEN_SECONDS, 2)):
        assert told(await place.looks(after), "trouble_began") == []
        assert place.owner.kinds == ["database_read_only"] * times

    only_reads(place.url, False)
    assert (await place.ready()).status == 200
    assert told(await place.looks(), "trouble_over") == ["database_read_only"]


def only_reads(url: str, is_so: bool) -> None:
    """For every connection that is made from here on; those that are there end."""
    name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    wanted = "on" if is_so else "off"
    change = f'ALTER DATABASE "{name}" SET default_transaction_read_only = {wanted}'
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
    may_write = "-c default_transaction_read_only=off"
    with psycopg.connect(url, dbname="postgres", autocommit=True, options=may_write) as beside:
        beside.execute(change)
        beside.execute(others, (name,))

"""The owner hears what a backup has found, as it is now, and no longer than it is so."""

from datetime import UTC, datetime, timedelta

from payment_service.actions.note_flaws import note_flaws
from payment_service.kit.database import Database
from payment_service.model.alert import OPEN_ALERTS, Alert

NIGHT = datetime(2026, 11, 29, 19, 30, tzinfo=UTC)


async def told(database: Database) -> list[Alert]:
    return await database.read(lambda tx: tx.all(OPEN_ALERTS))


async def test_what_is_found_is_told_once_anew_when_it_changes_and_not_for_longer(
    database: Database,
) -> None:
    await note_flaws(database, ["a: inv_1: no", "b: inv_2: no"], NIGHT)
    await note_flaws(database, ["a: inv_1: no", "b: inv_2: no"], NIGHT + timedelta(days=1))
    (alert,) = await told(database)
    assert (alert.kind, alert.raised_at) == ("books_broken", NIGHT)
    assert "2 flaws, the first: a: inv_1: no." in alert.message
    await note_flaws(database, ["b: inv_2: no"], NIGHT + timedelta(days=2))
    (alert,) = await told(database)
    assert "a flaw: b: inv_2: no." in alert.message
    await note_flaws(database, [], NIGHT + timedelta(days=3))
    assert await told(database) == []

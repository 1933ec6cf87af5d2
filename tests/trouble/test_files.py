"""What a running process needs for its next start: its key file, and a schema that it knows."""

from sqlalchemy import text

from payment_service.kit.statements import command
from payment_service.migrations import revision
from tests.trouble.conftest import Place, told

NEWER = command(text("UPDATE alembic_version SET version_num = '9999'"))
OLDER = "UPDATE alembic_version SET version_num = '{}'"


async def test_a_key_file_that_has_gone_is_told_before_the_next_start_fails(place: Place) -> None:
    kept = place.key_file.rename(place.key_file.with_name("elsewhere"))
    assert told(await place.looks(), "trouble_began") == ["key_missing"]
    assert place.owner.kinds == ["key_missing"]
    assert (await place.ready()).status == 200
    kept.rename(place.key_file)
    assert told(await place.looks(), "trouble_over") == ["key_missing"]
    assert await place.alerts() == []


async def test_a_schema_that_a_newer_version_made_meanwhile_is_told(place: Place) -> None:
    db = place.runtime.db
    known = await db.read(revision)
    await db.write(lambda tx: tx.run(NEWER))
    assert told(await place.looks(), "trouble_began") == ["schema_newer"]
    assert place.owner.kinds == ["schema_newer"]
    await db.write(lambda tx: tx.run(command(text(OLDER.format(known)))))
    assert told(await place.looks(), "trouble_over") == ["schema_newer"]
    assert await place.alerts() == []

"""The migrations lead to the tables in the code, on both databases, however often they run."""

from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from payment_service.kit.crypto import new_key
from payment_service.kit.statements import Transaction, command
from payment_service.migrations import migrate
from payment_service.migrations.tables import metadata
from payment_service.migrations.upgrade import connected
from payment_service.model.endpoint import ENDPOINTS_OF_APP
from tests.actions.ears import happens, listens, registered
from tests.cli.commands import Operator
from tests.clocks import HandClock
from tests.service import running_service

SLOW_START = """
CREATE FUNCTION public.slow_start() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_query() LIKE '%CREATE TABLE alembic_version%' THEN PERFORM pg_sleep(3); END IF;
END $$;
CREATE EVENT TRIGGER slow_start ON ddl_command_start EXECUTE FUNCTION public.slow_start();
"""
"""All three have looked before the first has made anything."""


def empty(url: str) -> None:
    """The database as it was before any migration."""
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).unlink()
        return
    with connected(url) as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))


def schema_of(url: str) -> list[str]:
    """Every table and index, as the database describes it."""
    described = {
        "sqlite": "SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY name",
        "postgresql": "SELECT table_name || column_name || data_type || is_nullable"
        " || ordinal_position FROM information_schema.columns WHERE table_schema = 'public'"
        " UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
    }
    with connected(url) as connection:
        return list(connection.scalars(text(described[connection.dialect.name])))


def test_the_migrations_lead_to_the_tables_in_the_code(database_url: str) -> None:
    with connected(database_url) as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []


def test_a_column_that_no_migration_makes_is_seen(database_url: str) -> None:
    with connected(database_url) as connection:
        connection.execute(text("ALTER TABLE facts ADD COLUMN surprise TEXT"))
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert len(compare_metadata(context, metadata)) == 1


def test_every_table_is_strict_on_sqlite(sqlite_url: str) -> None:
    with connected(sqlite_url) as connection:
        lax = connection.scalars(
            text(
                "SELECT name FROM pragma_table_list WHERE type = 'table' AND strict = 0"
                " AND name NOT LIKE 'sqlite_%' AND name <> 'alembic_version'"
            )
        ).all()
        assert lax == []


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    before = schema_of(database_url)
    migrate(database_url)
    assert schema_of(database_url) == before


def migrates_at_once(url: str, folder: Path) -> None:
    """Three processes find an empty database and bring it to what it was."""
    before = schema_of(url)
    empty(url)
    if url.startswith("postgresql"):
        with connected(url) as connection:
            connection.execute(text(SLOW_START))
    operator = Operator(folder, database_url=url, secret_key=new_key())
    running = [operator.starts("migrate") for _ in range(3)]
    said = [process.communicate(timeout=60)[1] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], said
    assert schema_of(url) == before


def test_three_processes_may_migrate_a_file_at_once(sqlite_url: str, tmp_path: Path) -> None:
    migrates_at_once(sqlite_url, tmp_path)


def test_three_processes_may_migrate_a_postgresql_at_once(
    postgres_url: str, tmp_path: Path
) -> None:
    migrates_at_once(postgres_url, tmp_path)


def test_serve_on_postgresql_refuses_an_empty_schema(postgres_url: str, tmp_path: Path) -> None:
    empty(postgres_url)
    operator = Operator(tmp_path, database_url=postgres_url)
    assert operator.runs("serve", "--port", "0").refused("payment-service migrate")
    assert operator.runs("app", "list").refused("payment-service migrate")
    assert not (tmp_path / "data").exists()
    assert schema_of(postgres_url) == []


def test_serve_on_postgresql_refuses_an_older_schema(postgres_url: str, tmp_path: Path) -> None:
    with connected(postgres_url) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    operator = Operator(tmp_path, database_url=postgres_url)
    assert operator.runs("serve", "--port", "0").refused("payment-service migrate")


@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("app", "list")])
def test_the_schema_of_a_newer_version_is_refused(
    database_url: str, tmp_path: Path, command: tuple[str, ...]
) -> None:
    with connected(database_url) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    operator = Operator(tmp_path, database_url=database_url)
    assert operator.runs(*command).refused("newer version")


async def test_older_endpoints_listen_from_where_they_began(database_url: str) -> None:
    """One that came with its app from the first event on, another from the first it was told."""
    statements = import_module("payment_service.migrations.versions.0007_webhooks")
    clock = HandClock()
    async with running_service(database_url, clock) as service:
        runtime = service.runtime
        app = await registered(runtime, "https://example.com/first")
        await happens(runtime, app, 3)
        clock.advance(timedelta(hours=1))
        told = await listens(runtime, app, "https://example.com/told")
        await happens(runtime, app, 2)
        silent = await listens(runtime, app, "https://example.com/silent")

        def upgraded(tx: Transaction) -> dict[str, int]:
            tx.run(command(text("UPDATE endpoints SET listens_from = 1")))
            tx.run(command(text(statements.LISTENS_FROM)))
            found = tx.all(ENDPOINTS_OF_APP, app_id=app.id, before="~", limit=10)
            return {one.id: one.listens_from for one in found}

        since = await runtime.db.write(upgraded)
        assert (since.pop(told.id), since.pop(silent.id)) == (4, 6)
        assert list(since.values()) == [1]

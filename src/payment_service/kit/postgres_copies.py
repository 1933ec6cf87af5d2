"""Copies of a PostgreSQL schema, by PostgreSQL's own `pg_dump`, `pg_restore` and `psql`."""

import os
import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from subprocess import PIPE, Popen
from tempfile import TemporaryFile
from typing import IO, Any, cast

import psycopg
from psycopg import sql
from psycopg.pq import Conninfo
from sqlalchemy import Table

from payment_service.kit.errors import CannotStart

SCHEMA = "SELECT current_schema()"
STANDS = """
SELECT EXISTS (SELECT 1 FROM information_schema.tables WHERE table_schema = current_schema())
"""
OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
LOOKS, LOOK_SECONDS = 10, 0.2
MAKE_ROOM = r"""
CREATE SCHEMA {aside};
SELECT format('ALTER %s %s SET SCHEMA %I', kind, name, {aside_text})
FROM (
    SELECT 'TABLE' AS kind, c.oid::regclass::text AS name, c.oid, 'pg_class'::regclass AS class
    FROM pg_class c
    WHERE relnamespace = {here} AND (relkind IN ('r', 'p', 'v', 'm', 'f') OR relkind = 'S' AND NOT
        EXISTS (SELECT 1 FROM pg_depend WHERE objid = c.oid AND deptype IN ('a', 'i')))
    UNION ALL
    SELECT 'ROUTINE', oid::regprocedure::text, oid, 'pg_proc'::regclass
    FROM pg_proc WHERE pronamespace = {here}
    UNION ALL
    SELECT 'TYPE', t.oid::regtype::text, t.oid, 'pg_type'::regclass
    FROM pg_type t LEFT JOIN pg_class c ON c.oid = typrelid
    WHERE typnamespace = {here} AND (typtype IN ('d', 'e', 'r') OR relkind = 'c')
) AS ours
WHERE NOT EXISTS (
    SELECT 1 FROM pg_depend WHERE classid = class AND objid = ours.oid AND deptype = 'e'
)
\gexec
"""
"""What stands in the schema moves, and not the schema itself: who may look into it, what they may
see of new tables, and extensions such as the monitoring's own stay."""
LET_SEE = r"""
SELECT format(
    'GRANT %s ON %s TO %s', privilege_type, new.oid::regclass,
    CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END
)
FROM pg_class old
JOIN pg_class new ON new.relname = old.relname AND new.relnamespace = {here}
CROSS JOIN LATERAL aclexplode(old.relacl)
WHERE old.relnamespace = {there} AND old.relkind IN ('r', 'p') AND grantee <> old.relowner
\gexec
"""
"""What others may do with a table, they may with the one of that name that takes its place."""
COMMIT = "SELECT 1 FROM {}.alembic_version;\nCOMMIT;\n"
"""A copy of another schema has filled nothing: then there is no such table, and no commit."""
AS_SCRIPT = ("--no-owner", "--no-privileges", "--file=-")
PSQL = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--output={os.devnull}", "--file=-")


class PostgresCopies:
    """A copy is an archive in the custom format, of the schema in which the tables are."""

    ending = ".dump"

    def __init__(self, url: str) -> None:
        self._url = url

    def make(self, to: Path) -> None:
        if not self.stands():
            raise CannotStart(
                "the database has no tables yet; run `payment-service migrate`, or look at "
                "PAYMENT_SERVICE_DATABASE_URL"
            )
        schema = self._asked(SCHEMA) or "public"
        self._run("pg_dump", "--format=custom", f'--schema="{schema}"', f"--file={to}")

    def damage(self, copy: Path) -> list[str]:
        try:
            self._run("pg_restore", f"--file={os.devnull}", str(copy))
        except CannotStart as error:
            return [str(error)]
        return []

    def dangling(self, copy: Path) -> list[str]:
        """None: PostgreSQL keeps its references true."""
        return []

    def rows(self, copy: Path, table: Table) -> list[tuple[Any, ...]]:
        script = self._run(
            "pg_restore", "--data-only", f"--table={table.name}", "--file=-", str(copy)
        )
        lines = iter(script.splitlines())
        for line in lines:
            if line.startswith("COPY "):
                break
        found: list[tuple[Any, ...]] = []
        for line in lines:
            if line == r"\.":
                break
            found.append(tuple(line.split("\t")))
        return found

    def opened(self, copy: Path) -> None:
        """An archive is no database until it is put back."""

    def stands(self) -> bool:
        return bool(self._asked(STANDS))

    def refuse_if_used(self) -> None:
        # A server takes a moment to see that a process that has ended is gone.
        for _ in range(LOOKS):
            if not self._asked(OTHERS):
                return
            time.sleep(LOOK_SECONDS)
        raise CannotStart(
            "the database is in use: stop every process of the service, and whoever else is "
            "connected to it, first"
        )

    def put_back(self, copy: Path, aside: str) -> str | None:
        """What stands in the schema is moved into one of its own, in the transaction that fills
        it."""
        self.refuse_if_used()
        schema = self._asked(SCHEMA) or "public"
        kept = f"{schema}_{aside}" if self.stands() else None
        self._fill(copy, schema, kept)
        return None if kept is None else f"schema {kept}"

    def _fill(self, copy: Path, schema: str, kept: str | None) -> None:
        name = sql.Identifier(schema)
        begin, commit = "BEGIN;\n", sql.SQL(COMMIT).format(name).as_string()
        if kept is not None:
            aside = sql.Identifier(kept)
            names = {"aside": aside, "aside_text": kept, "here": _oid(name), "there": _oid(aside)}
            begin += sql.SQL(MAKE_ROOM).format(**names).as_string()
            commit = sql.SQL(LET_SEE).format(**names).as_string() + commit
        read = (_program("pg_restore"), *AS_SCRIPT, f"--schema={schema}", str(copy))
        write = (_program("psql"), *PSQL)
        with TemporaryFile() as fault, TemporaryFile() as reading_fault:
            source = Popen(read, stdout=PIPE, stderr=reading_fault)  # noqa: S603 - a fixed program
            target = Popen(write, stdin=PIPE, stderr=fault, env=self._environment())  # noqa: S603
            # Where psql gives up, it says why. Without the last line it stores nothing, however
            # its input ends.
            with suppress(BrokenPipeError), cast(IO[bytes], target.stdin) as script:
                script.write(begin.encode())
                shutil.copyfileobj(cast(IO[bytes], source.stdout), script)
                if source.wait() == 0:
                    script.write(commit.encode())
            cast(IO[bytes], source.stdout).close()
            if target.wait() != 0 or source.wait() != 0:
                reason = _reason(_said(fault if target.returncode else reading_fault))
                raise CannotStart(f"the backup could not be put back, nothing changed: {reason}")

    def _run(self, program: str, *arguments: str) -> str:
        done = subprocess.run(  # noqa: S603 - a fixed program, and no shell
            [_program(program), *arguments],
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise CannotStart(f"{program} failed: {_reason(done.stderr)}")
        return done.stdout

    def _environment(self) -> dict[str, str]:
        """The URL as libpq's own variables: a password in the arguments is seen by everybody."""
        try:
            parts = Conninfo.parse(self._url.encode())
        except psycopg.Error as error:
            raise CannotStart(f"PAYMENT_SERVICE_DATABASE_URL is not usable: {error}") from error
        given = {
            part.envvar.decode(): part.val.decode()
            for part in parts
            if part.envvar is not None and part.val is not None
        }
        return {**os.environ, **given}

    def _asked(self, question: str) -> Any:
        try:
            with psycopg.connect(self._url, autocommit=True, connect_timeout=10) as connection:
                row = connection.execute(question).fetchone()
                return None if row is None else row[0]
        except psycopg.Error as error:
            raise CannotStart(
                "PostgreSQL does not answer; check PAYMENT_SERVICE_DATABASE_URL and that the "
                f"server runs ({str(error).splitlines()[0]})"
            ) from error


def _oid(schema: sql.Identifier) -> sql.Composed:
    return sql.SQL("{}::regnamespace").format(sql.Literal(schema.as_string()))


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise CannotStart(
            f"{name} is not installed; it comes with PostgreSQL's client programs, which should "
            "have the server's version (Debian and Ubuntu: apt-get install postgresql-client)"
        )
    return found


def _said(fault: IO[bytes]) -> str:
    fault.seek(0)
    return fault.read().decode(errors="replace")


def _reason(said: str) -> str:
    """The first two lines, as one: the second has the detail, such as the versions."""
    return "; ".join(line.strip() for line in said.splitlines()[:2])

"""The webhook handlers of the guide, run as a reader would run them."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import psycopg

from tests.guide.pages import GUIDE
from tests.guide.processes import running
from tests.missing import not_tested_here

NODE = Path(__file__).parents[1] / "node"
TABLES = GUIDE.snippet("sql", "CREATE TABLE")
PATH = "/webhooks/payment-service"
TSCONFIG = """{"compilerOptions": {"strict": true, "noUncheckedIndexedAccess": true,
  "target": "es2022", "module": "nodenext", "lib": ["es2022", "dom", "dom.iterable"],
  "types": ["node"], "skipLibCheck": true}, "files": ["module.ts"]}"""


class Handler(NamedTuple):
    """One that runs, and a look into its tables."""

    url: str
    rows: Callable[[str], list[tuple[Any, ...]]]
    change: Callable[[str], None]


@contextmanager
def python(folder: Path, secret: str, port: int, *, tables: bool = True) -> Iterator[Handler]:
    (folder / "webhook.py").write_text(GUIDE.snippet("python", "async def hear"))
    look = _sqlite(folder / "app.db", tables=tables)
    command = [sys.executable, "-m", "uvicorn", "webhook:app", "--port", str(port)]
    with running(command, port, folder, {"PAYMENT_SERVICE_WEBHOOK_SECRET": secret}):
        yield Handler(f"http://127.0.0.1:{port}{PATH}", *look)


@contextmanager
def php(folder: Path, secret: str, port: int, *, tables: bool = True) -> Iterator[Handler]:
    (folder / "webhook.php").write_text(GUIDE.snippet("php", "http_response_code"))
    look = _sqlite(folder / "app.db", tables=tables)
    # As on many a server that was set up for developing.
    command = [php_found(), "-d", "display_errors=1", "-S", f"127.0.0.1:{port}", "webhook.php"]
    settings = {"PAYMENT_SERVICE_WEBHOOK_SECRET": secret, "DATABASE_DSN": "sqlite:app.db"}
    with running(command, port, folder, settings):
        yield Handler(f"http://127.0.0.1:{port}{PATH}", *look)


@contextmanager
def typescript(
    folder: Path, secret: str, port: int, route: Path, database_url: str, *, tables: bool = True
) -> Iterator[Handler]:
    """`route` is compiled; Node runs it in the place of Next.js."""

    with psycopg.connect(database_url) as connection:
        connection.execute("DROP SCHEMA public CASCADE")  # the service's tables, not the app's
        connection.execute("CREATE SCHEMA public")
        if tables:
            connection.execute(TABLES.encode())
    settings = {"PAYMENT_SERVICE_WEBHOOK_SECRET": secret, **_for_node(database_url)}
    command = [node_found(), str(NODE / "route_handler.mjs"), str(route), str(port)]
    look = _looks(lambda: psycopg.connect(database_url))
    with running(command, port, folder, settings):
        yield Handler(f"http://127.0.0.1:{port}{PATH}", *look)


def php_found() -> str:
    found = shutil.which("php")
    if found is None:
        not_tested_here("no PHP for the guide's snippets", required_by="REQUIRE_PHP")
    needed = subprocess.run([found, "-m"], capture_output=True, text=True, check=True).stdout
    for extension in ("pdo_sqlite", "sodium"):
        if extension not in needed.split():
            not_tested_here(f"PHP has no {extension}", required_by="REQUIRE_PHP")
    return found


def node_found() -> str:
    found = shutil.which("node")
    if found is None or not (NODE / "node_modules" / ".ready").exists():
        not_tested_here("no Node, or not its packages, for the guide", required_by="REQUIRE_NODE")
    return found


def compiled(folder: Path, source: str) -> Path:
    """A TypeScript module, checked strictly against the types of what it imports."""
    node, modules = node_found(), NODE / "node_modules"
    (folder / "node_modules").symlink_to(modules)
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "tsconfig.json").write_text(TSCONFIG)
    (folder / "module.ts").write_text(source)
    compiler = [node, str(modules / "typescript" / "bin" / "tsc"), "-p", "."]
    done = subprocess.run(compiler, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    return folder / "module.js"


Look = tuple[Callable[[str], list[tuple[Any, ...]]], Callable[[str], None]]


def _sqlite(path: Path, *, tables: bool) -> Look:
    if tables:
        with closing(sqlite3.connect(path)) as database:
            database.executescript(TABLES)
    return _looks(lambda: sqlite3.connect(path))


def _looks(connect: Callable[[], Any]) -> Look:
    """To read, and to change, in a connection of its own."""

    def rows(question: str) -> list[tuple[Any, ...]]:
        with closing(connect()) as database:
            found: list[tuple[Any, ...]] = database.execute(question).fetchall()
            return found

    def change(statement: str) -> None:
        with closing(connect()) as database:
            database.execute(statement)
            database.commit()

    return rows, change


def _for_node(database_url: str) -> dict[str, str]:
    """A server that is reached by a socket cannot be named in a URL there."""
    parts = urlsplit(database_url)
    sockets = parse_qs(parts.query).get("host")
    if not sockets:
        return {"DATABASE_URL": database_url}
    return {
        "DATABASE_URL": f"postgres://{parts.path}",
        "PGHOST": sockets[0],
        "PGUSERNAME": parts.username or "",
    }


KINDS = {"python": python, "php": php}

"""A handler of the guide in each of its languages, with tables or without."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.guide import handlers
from tests.guide.handlers import Handler
from tests.guide.pages import GUIDE
from tests.hearing import free_port

LANGUAGES = ["python", "php", "typescript-postgres"]
StartHandler = Callable[..., Handler]


@pytest.fixture(scope="session")
def compiled_route(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = GUIDE.snippet("ts", "postgres.TransactionSql")
    return handlers.compiled(tmp_path_factory.mktemp("route"), source)


@pytest.fixture(params=LANGUAGES)
def start_handler(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StartHandler]:
    """`start_handler(secret)`, on a port of one's own with `port=`."""
    with ExitStack() as running:

        def start(secret: str, *, port: int | None = None, tables: bool = True) -> Handler:
            folder, port = tmp_path / "handler", port or free_port()
            folder.mkdir()
            if request.param == "typescript-postgres":
                names = ("compiled_route", "postgres_url")
                route, url = (request.getfixturevalue(name) for name in names)
                return running.enter_context(
                    handlers.typescript(folder, secret, port, route, url, tables=tables)
                )
            start_kind = handlers.KINDS[request.param]
            return running.enter_context(start_kind(folder, secret, port, tables=tables))

        yield start

"""`python -m bukubengkel`: reads the settings, takes the port, serves until stopped."""

import logging
import os
import socket
import sqlite3
import sys
from contextlib import suppress
from datetime import UTC, datetime

import uvicorn

from bukubengkel.app import create_app
from bukubengkel.settings import Settings, SettingWrong, read_settings
from bukubengkel.store import Store


def main() -> int:
    """The exit code: 2 when it cannot start, with one line on stderr."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        settings = read_settings(os.environ)
        store = _open_store(settings)
        listener = _take_port(settings)
    except SettingWrong as problem:
        sys.stderr.write(f"BukuBengkel cannot start: {problem}\n")
        return 2
    app = create_app(settings, store, now=lambda: datetime.now(UTC))
    server = uvicorn.Server(
        uvicorn.Config(app, log_config=None, access_log=False, server_header=False)
    )
    # uvicorn stops cleanly on Ctrl-C and then raises it once more.
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listener])
    return 0


def _open_store(settings: Settings) -> Store:
    try:
        return Store(settings.database)
    except sqlite3.Error as problem:
        raise SettingWrong(
            f"BUKUBENGKEL_DATABASE cannot be opened: {settings.database} ({problem})"
        ) from problem


def _take_port(settings: Settings) -> socket.socket:
    try:
        return socket.create_server((settings.host, settings.port), backlog=128)
    except OSError as problem:
        raise SettingWrong(
            f"{settings.host} port {settings.port} cannot be used ({problem.strerror}); "
            "stop what holds it or set BUKUBENGKEL_PORT"
        ) from problem


if __name__ == "__main__":
    sys.exit(main())

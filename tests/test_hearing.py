"""Ports that are named before they are listened on stay free until then, or refuse for good."""

import socket

import pytest

from tests.hearing import PORTS, free_port, refusing


def test_a_free_port_is_named_once_and_is_none_that_linux_gives_by_itself() -> None:
    with socket.create_server(("127.0.0.1", 0)) as given:
        ports = [free_port() for _ in range(500)]
        assert given.getsockname()[1] not in PORTS
    assert len(set(ports)) == len(ports)
    assert set(ports) <= set(PORTS)


def test_a_port_that_refuses_is_given_to_nobody_meanwhile() -> None:
    with refusing() as port:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), 5).close()
        with pytest.raises(OSError, match="in use"):
            socket.create_server(("127.0.0.1", port)).close()

"""Ports that are named before they are listened on stay free until then."""

import socket

from tests.hearing import PORTS, free_port


def test_a_free_port_is_named_once_and_is_none_that_linux_gives_by_itself() -> None:
    with socket.create_server(("127.0.0.1", 0)) as given:
        ports = [free_port() for _ in range(500)]
        assert given.getsockname()[1] not in PORTS
    assert len(set(ports)) == len(ports)
    assert set(ports) <= set(PORTS)

"""Secrets masked wherever they stand in a line: a second wall, for what nobody thought of."""

import re

MASK = "…".encode()
BEGINNINGS = re.compile(
    rb"""((?:psk_(?:live|test)_|whsec_|[Bb]earer\s)[^\s"'\\,;]{0,4})[^\s"'\\,;]+"""
    rb"""|(/pay/[0-9a-z]{4})[0-9a-z]{22}"""
    rb"""|(://[^\s"'/@:]*:)[^\s"'/@]+(?=@)"""
)
"""API keys, webhook secrets and bearer tokens show their first characters, pay links too; of
credentials in a URL the name shows."""


def masked(line: bytes) -> bytes:
    return BEGINNINGS.sub(_shortened, line)


def _shortened(found: re.Match[bytes]) -> bytes:
    return (found[1] or found[2] or found[3]) + MASK

"""What a machine lacks: a loud line at the end of the run, or a failure where CI asks for it."""

import os
from typing import NoReturn

import pytest

MARK = "NOT TESTED HERE: "


def not_tested_here(reason: str, *, required_by: str | None = None) -> NoReturn:
    """Skip with a loud line; fail when the environment variable `required_by` is set.

    `required_by` is `REQUIRE_BROWSER`, `…_NODE`, `…_PHP`, `…_CURL`, `…_COMPILER`, `…_CADDY`,
    `…_SYSTEMD` or `…_STRACE`: CI sets them, a bare machine does not.
    """
    if required_by and os.environ.get(required_by):
        pytest.fail(f"{reason} ({required_by} is set)")
    pytest.skip(MARK + reason)

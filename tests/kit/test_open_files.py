"""How many connections may stand: by what the system lets a process open. Each in a process of its
own, since a limit that was lowered cannot always be raised again."""

import subprocess
import sys

import pytest

from payment_service.kit.open_files import KEPT, MOST_CONNECTIONS, WANTED

ASK = """
import resource
from payment_service.kit.open_files import room_for_connections
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
print(room_for_connections(), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


def asked(soft: int, hard: int) -> tuple[int, int]:
    """The room, and the limit that then holds."""
    told = subprocess.run(
        [sys.executable, "-c", ASK.format(soft=soft, hard=hard)],
        capture_output=True, text=True, check=True, timeout=30,
    ).stdout  # fmt: skip
    room, limit = map(int, told.split())
    return room, limit


@pytest.mark.parametrize(
    ("soft", "hard", "room", "limit"),
    [
        (64, 2_048, 2_048 - KEPT, 2_048),
        (2_048, 2_048, 2_048 - KEPT, 2_048),
        (300, 300, 150, 300),
    ],
)
def test_the_limit_is_raised_as_far_as_it_goes_and_some_files_are_kept_for_other_things(
    soft: int, hard: int, room: int, limit: int
) -> None:
    assert asked(soft, hard) == (room, limit)


def test_with_files_enough_connections_have_a_bound_of_their_own() -> None:
    assert WANTED - KEPT > MOST_CONNECTIONS

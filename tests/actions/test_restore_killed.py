"""A restore that is killed, wherever: the old database stands there or the new one, and the next
restore finishes. `FAULT_SEED` replays."""

import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from payment_service.actions.restore import restore
from payment_service.kit.crypto import fingerprint, new_key
from tests.actions.backups import NOW, Kept
from tests.counts import times
from tests.databases import PROGRAMS
from tests.dying import Boundaries, dies
from tests.seeds import SEED

KILLS = times(4, 1000, push=20)
ON_POSTGRESQL = times(2, 50, push=5)


def restore_and_die(boundaries: Boundaries, kept: Kept) -> None:
    """Before it opens, links, renames or removes a file, starts a program or connects."""

    def boundary(deed: str, _: object) -> None:
        if deed.startswith(("open", "os.", "subprocess.", "sqlite3.", "socket.", "fcntl.")):
            boundaries.passes()

    sys.addaudithook(boundary)
    restore(kept.copies, kept.folder / "b", [fingerprint(kept.key)], NOW, replace=True)


@pytest.mark.timeout(times(300, 3600))
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_old_or_new_stands_there_and_the_next_restore_finishes(
    kind: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", f"{PROGRAMS}:{os.environ['PATH']}")
    url = request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "postgres_url"}[kind])
    kept = Kept(url, tmp_path, new_key())
    kept.states("before")
    kept.backs_up()
    kept.states("after 0")
    code, boundaries = dies(-1, restore_and_die, kept)
    assert (code, kept.knows("after 0")) == (0, False)
    rng = Random(f"{SEED} {kind}")
    every = range(boundaries + 1)
    most = KILLS if kind == "sqlite" else ON_POSTGRESQL
    for turn, at in enumerate(rng.sample(every, min(most, len(every))), 1):
        later = NOW + timedelta(minutes=turn)
        replay = f"boundary {at} of {boundaries}, FAULT_SEED={SEED}"
        kept.states("after")
        assert dies(at, restore_and_die, kept)[0] == -signal.SIGKILL, replay
        assert kept.knows("before"), replay
        keys = [fingerprint(kept.key)]
        restore(kept.copies, kept.folder / "b", keys, later, replace=True)
        assert kept.knows("before"), replay
        assert not kept.knows("after"), replay

"""Whatever is asked, well or badly, the service answers as its document says.

It takes minutes: `CONTRACT=1 make test` runs it, and `make test-all` with full counts.
"""

import os
from pathlib import Path

import pytest

from payment_service.web.reference.document import OPERATIONS
from tests.contract.apart import served_apart
from tests.contract.run import run
from tests.counts import FULL, times
from tests.invariants import check_invariants
from tests.missing import not_tested_here

EXAMPLES = times(20, 200)
"""Requests that are made up for each operation, beside those that its schema makes certain."""
NOT_FOR_LIVE_APPS = {
    operation.id for operation in OPERATIONS.values() if "test_only" in operation.codes
}


@pytest.mark.timeout(times(600, 3_600))
@pytest.mark.parametrize("mode", ["test", "live"])
def test_every_answer_is_one_that_was_told_of(database_url: str, tmp_path: Path, mode: str) -> None:
    if not (FULL or os.environ.get("CONTRACT")):
        not_tested_here("the contract takes minutes; `CONTRACT=1 make test` holds the API to it")
    with served_apart(database_url, tmp_path) as service:
        outcome = run(service, mode, EXAMPLES)
    assert outcome.failures == [], "\n\n".join([f"seed {outcome.seed}", *outcome.failures[:20]])
    shares = {
        operation.id: outcome.share_of_successes(operation.id) for operation in OPERATIONS.values()
    }
    if mode == "live":
        shares = {name: share for name, share in shares.items() if name not in NOT_FOR_LIVE_APPS}
    assert {name: share for name, share in shares.items() if share < 0.5} == {}
    assert [key for key in outcome.answers if key[3] >= 500] == []
    check_invariants(database_url)

"""Whatever is asked, well or badly, the service answers as its document says."""

from pathlib import Path

import pytest

from payment_service.web.reference.document import OPERATIONS
from tests.contract.apart import served_apart
from tests.contract.run import run
from tests.counts import FULL, times
from tests.invariants import check_invariants

EXAMPLES = times(6, 200, push=20)
"""Requests that are made up for each operation, beside those that its schema makes certain."""
DATABASES = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}
PAIRS = [("sqlite", "test"), ("postgresql", "live")]
"""Each database and each mode once; in full each with the other, too."""
if FULL:
    PAIRS += [("sqlite", "live"), ("postgresql", "test")]


@pytest.mark.timeout(times(600, 5_000))
@pytest.mark.parametrize(("database", "mode"), PAIRS)
def test_every_answer_is_one_that_was_told_of(
    request: pytest.FixtureRequest, tmp_path: Path, database: str, mode: str
) -> None:
    database_url: str = request.getfixturevalue(DATABASES[database])
    with served_apart(database_url, tmp_path) as service:
        # What breaks the schema is refused before any database is asked: in short once is enough.
        every_fault = FULL or database == "sqlite"
        outcome = run(service, mode, EXAMPLES, every_fault=every_fault)
    assert outcome.failures == [], "\n\n".join([f"seed {outcome.seed}", *outcome.failures[:20]])
    assert [key for key in outcome.answers if key[3] >= 500] == []
    for operation in OPERATIONS.values():
        if mode == "test" or "test_only" not in operation.codes:
            assert outcome.share_of_successes(operation.id) >= 0.5, operation.id
        else:
            assert outcome.statuses(operation.id) <= {401, 403, 404, 405, 422}, operation.id
    check_invariants(database_url)

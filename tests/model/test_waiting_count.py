"""What waits is counted by the indexes of the few, however many rows their tables have."""

from pathlib import Path

from payment_service.kit.sqlite_connection import connect
from payment_service.kit.sqlite_transaction import DIALECT
from payment_service.migrations import migrate
from payment_service.model.waiting_count import UNDECIDED_PAYMENTS


def test_payments_for_somebody_are_counted_among_those_that_are_not_settled(
    tmp_path: Path,
) -> None:
    path = tmp_path / "empty.sqlite3"
    migrate(f"sqlite:///{path}")
    connection = connect(str(path))
    sql = UNDECIDED_PAYMENTS.compiled(DIALECT).sql
    plan = connection.execute(f"EXPLAIN QUERY PLAN {sql}", [None] * sql.count("?")).fetchall()
    connection.close()
    assert any("payments_not_settled" in row[3] for row in plan), plan

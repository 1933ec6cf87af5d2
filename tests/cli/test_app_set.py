"""`payment-service app set`: how an app bills, checked and kept in the audit log."""

from typing import Any

import pytest

from tests.cli.commands import Operator


@pytest.fixture
def app(operator: Operator) -> str:
    made: dict[str, Any] = operator.runs(
        "app", "create", "--name", "BukuBengkel", "--mode", "test", "--json"
    ).json
    return str(made["id"])


def test_what_is_given_changes_and_the_rest_stays(operator: Operator, app: str) -> None:
    done = operator.runs(
        "app", "set", app, "--grace-days", "3", "--reminder-days=3,-3,0",
        "--cancel-after-days", "0", "--zone", "Asia/Jayapura", "--json",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert done.json == {
        "id": app,
        "name": "BukuBengkel",
        "zone": "Asia/Jayapura",
        "grace_days": 3,
        "lead_days": 7,
        "pending_timeout_hours": 72,
        "cancel_after_days": 0,
        "reminder_days": "-3,0,3",
        "reminder_time": "09:00",
        "requests_per_second": 50,
    }


@pytest.mark.parametrize(
    ("option", "value", "word"),
    [
        ("--grace-days", "-1", "grace_days"),
        ("--lead-days", "61", "renewal_lead_days"),
        ("--cancel-after-days", "-5", "cancel_after_days"),
        ("--reminder-time", "25:00", "09:00"),
        ("--reminder-days", "90", "-60 to 60"),
        ("--zone", "Asia/Singapore", "Asia/Jakarta"),
    ],
)
def test_what_makes_no_sense_is_refused(
    operator: Operator, app: str, option: str, value: str, word: str
) -> None:
    assert operator.runs("app", "set", app, f"{option}={value}").refused(word)
    assert operator.runs("app", "set", app, "--json").json["grace_days"] == 7

"""`payment-service alert`: listed, seen, cleared, tried out; a wrong channel does not start."""

import sqlite3
from pathlib import Path

import pytest

from payment_service.kit.crypto import new_webhook_secret
from tests.cli.commands import Operator
from tests.cli.conftest import SetUp
from tests.cli.test_cannot_start import files


def raised(set_up: SetUp, kind: str, name: str) -> str:
    """An alert of the app; gives its id."""
    path = set_up.operator.folder / "data" / "payment-service.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute(
            "INSERT INTO alerts"
            " (id, app_id, kind, subject_id, message, raised_at, send_at, version)"
            " VALUES (?, ?, ?, ?, 'm', ?, ?, 1)",
            (name, set_up.app["id"], kind, f"of {name}", *["2026-01-31T03:00:00.000000+00:00"] * 2),
        )
    connection.close()
    return name


def test_an_alert_is_listed_seen_and_cleared(set_up: SetUp) -> None:
    operator = set_up.operator
    assert "all is well" in operator.runs("alert", "list").out
    one, other = raised(set_up, "endpoint_off", "alr_1"), raised(set_up, "books_differ", "alr_2")
    listed = operator.runs("alert", "list", "--app", set_up.app["id"], "--json").json
    assert [(row["id"], row["seen_at"]) for row in listed] == [(one, None), (other, None)]
    assert operator.runs("alert", "seen", one, "--json").json["seen_at"]
    cleared = operator.runs("alert", "clear", one, "--note", "address mended", "--json").json
    assert (cleared["note"], bool(cleared["cleared_at"])) == ("address mended", True)
    assert [row["id"] for row in operator.runs("alert", "list", "--json").json] == [other]
    every = operator.runs("alert", "list", "--all", "--json").json
    assert [row["id"] for row in every] == [other, one]
    assert one in operator.runs("alert", "list", "--all", "--app", set_up.app["id"]).out


def test_a_payment_in_review_is_decided_and_not_cleared(set_up: SetUp) -> None:
    alert = raised(set_up, "payment_needs_review", "alr_1")
    done = set_up.operator.runs("alert", "clear", alert, "--note", "ok")
    assert done.refused("payment-service review")


@pytest.mark.parametrize("command", [("seen", "alr_x"), ("clear", "alr_x", "--note", "n")])
def test_an_unknown_alert_is_refused(set_up: SetUp, command: tuple[str, ...]) -> None:
    assert set_up.operator.runs("alert", *command).refused("no alert with this id")


def test_the_test_says_how_each_way_went(set_up: SetUp) -> None:
    operator = set_up.operator
    assert operator.runs("alert", "test").refused("PAYMENT_SERVICE_ALERT_WEBHOOK_URL")
    done = operator.runs(
        "alert", "test", "--json",
        alert_webhook_url="http://127.0.0.1:9/rahasia", private_targets="127.0.0.1:9",
    )  # fmt: skip
    assert (done.code, done.json) == (1, [{"channel": "webhook", "result": "refused"}])
    assert "rahasia" not in done.err


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"alert_webhook_url": "http://10.0.0.1/rahasia"}, "ALERT_WEBHOOK_URL"),
        ({"alert_webhook_secret": new_webhook_secret()}, "ALERT_WEBHOOK_SECRET"),
        ({"alert_webhook_secret": "whsec_rahasia"}, "ALERT_WEBHOOK_SECRET"),
        ({"alert_webhook_secret_file": "nowhere"}, "ALERT_WEBHOOK_SECRET_FILE"),
        ({"smtp_url": "rahasia"}, "SMTP_URL"),
        ({"smtp_url_file": "nowhere"}, "SMTP_URL_FILE"),
        ({"smtp_url": "smtp://u:rahasia@mail.toko.id"}, "ALERT_MAIL_FROM"),
        ({"smtp_url": "smtp://mail.toko.id", "alert_mail_to": "a@toko.id"}, "ALERT_MAIL_FROM"),
        ({"alert_mail_to": "a@toko.id"}, "ALERT_MAIL_TO"),
        ({"alert_mail_to": "a@toko.id\nBcc: b@toko.id"}, "ALERT_MAIL_TO"),
        ({"alert_mail_from": "Toko <a@toko.id>"}, "ALERT_MAIL_FROM"),
    ],
)
def test_a_channel_that_cannot_work_is_named(
    operator: Operator, settings: dict[str, str], named: str
) -> None:
    done = operator.runs("app", "list", **settings)
    assert done.refused(f"the setting PAYMENT_SERVICE_{named} ")
    assert "rahasia" not in done.err
    assert files(operator.folder) == {}


def test_a_secret_from_a_file_is_checked_as_well(operator: Operator, tmp_path: Path) -> None:
    (tmp_path / "smtp").write_text("rahasia\n")
    done = operator.runs("app", "list", smtp_url_file="smtp")
    assert done.refused("PAYMENT_SERVICE_SMTP_URL_FILE")
    assert "rahasia" not in done.err

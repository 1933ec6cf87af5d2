"""The commands for webhooks: endpoints made, edited and rolled, tests sent, deliveries resent."""

from typing import Any

from tests.cli.conftest import SetUp

URL = "https://bengkel.example.com/hooks"


def created(set_up: SetUp, *options: str) -> dict[str, Any]:
    app = ("--app", set_up.app["id"])
    made = set_up.operator.runs("webhook", "create", *app, "--url", URL, *options, "--json")
    assert made.code == 0, made.err
    told: dict[str, Any] = made.json
    return told


def test_an_endpoint_is_made_listed_edited_and_deleted(set_up: SetUp) -> None:
    runs, app = set_up.operator.runs, ("--app", set_up.app["id"])
    made = created(set_up, "--types", "invoice.paid,invoice.issued", "--description", "Bengkel")
    assert made["secret"].startswith("whsec_")
    assert made["types"] == ["invoice.issued", "invoice.paid"]
    (listed,) = runs("webhook", "list", *app, "--json").json
    assert listed == {name: made[name] for name in listed}
    assert "secret" not in listed
    edited = runs("webhook", "edit", made["id"], "--types", "all", "--off", "--json").json
    assert (edited["types"], edited["status"], edited["off_reason"]) == (None, "off", "by_hand")
    assert edited["missed_since"]
    on = runs("webhook", "edit", made["id"], "--on", "--url", URL + "/2", "--json").json
    assert (on["status"], on["url"], on["types"]) == ("active", URL + "/2", None)
    assert runs("webhook", "delete", made["id"]).code == 0
    assert runs("webhook", "delete", made["id"]).refused("no webhook endpoint")
    assert runs("webhook", "list", *app, "--json").json == []


def test_a_secret_is_rolled_and_shown_once(set_up: SetUp) -> None:
    runs, made = set_up.operator.runs, created(set_up)
    rolled = runs("webhook", "roll", made["id"], "--keep-hours", "2", "--json").json
    assert rolled["secret"] not in ("", made["secret"])
    assert rolled["old_secret_until"]
    assert runs("webhook", "roll", made["id"]).refused("keep_hours 0")
    assert (
        runs("webhook", "roll", made["id"], "--keep-hours", "0", "--json").json["old_secret_until"]
        is None
    )
    assert runs("webhook", "roll", made["id"], "--keep-hours", "169").code == 2


def test_what_is_sent_again_is_queued_once(set_up: SetUp) -> None:
    runs, made = set_up.operator.runs, created(set_up)
    test = runs("webhook", "test", made["id"], "--json").json
    assert (test["type"], test["status"]) == ("endpoint.test", "queued")
    assert runs("webhook", "test", made["id"]).code == 0
    listed = runs("webhook", "deliveries", made["id"], "--json").json
    assert test["id"] in {one["id"] for one in listed}
    assert {one["status"] for one in listed} == {"queued"}
    again = runs("webhook", "resend", listed[0]["id"], "--json").json
    assert (again["id"], again["status"], again["attempt_count"]) == (listed[0]["id"], "queued", 0)
    many = runs("webhook", "resend", made["id"], "--failed", "--json").json
    assert (many["queued"], many["status"]) == (0, "done")
    since = runs("webhook", "resend", made["id"], "--since", "2026-01-01", "--json").json
    assert (since["queued"], since["status"]) == (0, "done")
    after = runs("webhook", "deliveries", made["id"], "--json").json
    assert [one["id"] for one in after] == [one["id"] for one in listed]
    assert runs("webhook", "deliveries", made["id"], "--status", "failed", "--json").json == []


def test_what_cannot_be_done_is_told_in_a_line(set_up: SetUp) -> None:
    runs, app = set_up.operator.runs, ("--app", set_up.app["id"])
    private = runs("webhook", "create", *app, "--url", "http://127.0.0.1:3000/")
    assert private.refused("PAYMENT_SERVICE_PRIVATE_TARGETS")
    types = ("--types", "invoice.exploded")
    assert "no invoice.exploded" in runs("webhook", "create", *app, "--url", URL, *types).err
    assert runs("webhook", "test", "ep_none").refused("no webhook endpoint")
    assert runs("webhook", "resend", "dlv_none").refused("no delivery")
    made = created(set_up)
    assert runs("webhook", "resend", made["id"]).code == 2
    assert runs("webhook", "edit", made["id"], "--off").code == 0
    assert runs("webhook", "test", made["id"]).refused("turn it on")

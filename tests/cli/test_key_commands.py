"""The commands for keys: made, listed, rolled and revoked, without ever telling a secret twice."""

from tests.cli.conftest import SetUp


def test_a_key_is_made_listed_rolled_and_revoked(set_up: SetUp) -> None:
    runs, app = set_up.operator.runs, ("--app", set_up.app["id"])
    made = runs("key", "create", *app, "--name", "staging", "--json")
    assert made.code == 0, made.err
    assert (made.json["scopes"], made.json["status"]) == (["read", "write"], "active")
    rolled = runs("key", "roll", made.json["id"], "--ends-in", "0", "--json")
    assert rolled.code == 0, rolled.err
    assert rolled.json["secret"] != made.json["secret"]
    listed = runs("key", "list", *app, "--json")
    by_id = {key["id"]: key for key in listed.json}
    assert by_id[made.json["id"]]["status"] == "expired"
    assert by_id[rolled.json["id"]]["status"] == "active"
    assert made.json["secret"] not in listed.out
    assert rolled.json["secret"] not in listed.out
    revoked = runs("key", "revoke", rolled.json["id"], "--reason", "lost", "--json")
    assert revoked.json["status"] == "revoked"
    assert "revoked" in runs("key", "list", *app).out
    assert runs("key", "roll", rolled.json["id"]).refused("revoked or expired")


def test_a_key_may_end_and_do_everything_only_when_told(set_up: SetUp) -> None:
    runs, app = set_up.operator.runs, ("--app", set_up.app["id"])
    asked = ("key", "create", *app, "--scopes", "admin, read", "--json")
    made = runs(*asked, "--expires-at", "2999-01-01T00:00:00+07:00")
    assert made.json["scopes"] == ["read", "admin"]
    assert made.json["expires_at"] == "2998-12-31T17:00:00Z"
    assert runs(*asked, "--expires-at", "2020-01-01T00:00:00Z").refused("to come")
    assert "with its zone" in runs(*asked, "--expires-at", "2999-01-01").err
    assert "read, write, admin" in runs("key", "create", *app, "--scopes", "root").err
    assert runs("key", "roll", made.json["id"], "--ends-in", "5").refused("3600")
    assert runs("key", "roll", "key_1").refused("no key")
    assert runs("key", "revoke", "key_1").refused("no key")

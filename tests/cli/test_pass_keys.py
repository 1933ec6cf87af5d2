"""`pass-key`: what an operator sees of the keys that sign access passes."""

from tests.cli.conftest import SetUp


def test_a_key_is_there_from_the_start_and_is_rolled(set_up: SetUp) -> None:
    operator = set_up.operator
    (first,) = operator.runs("pass-key", "list", "--json").json
    assert first["state"] == "signs"
    done = operator.runs("pass-key", "roll", "--reason", "yearly", "--json")
    assert done.code == 0, done.err
    listed = operator.runs("pass-key", "list", "--json").json
    assert [(key["id"], key["state"]) for key in listed] == [
        (first["id"], "signs"),
        (done.json["id"], "published"),
    ]
    assert "private" not in done.out


def test_a_second_roll_within_the_hour_is_refused(set_up: SetUp) -> None:
    operator = set_up.operator
    assert operator.runs("pass-key", "roll", "--reason", "yearly").code == 0
    assert operator.runs("pass-key", "roll", "--reason", "again").refused("signs from")
    withdrawn = operator.runs("pass-key", "roll", "--compromised", "--reason", "stolen", "--json")
    listed = operator.runs("pass-key", "list", "--json").json
    assert [key["state"] for key in listed] == ["over", "over", "signs"]
    assert listed[2]["id"] == withdrawn.json["id"]


def test_a_roll_without_a_reason_is_refused(set_up: SetUp) -> None:
    refused = set_up.operator.runs("pass-key", "roll", "--reason", " ")
    assert refused.refused("Say why")

"""`payment-service admin …`: the first owner, and help for who has lost everything."""

import re

from tests.cli.commands import Operator
from tests.cli.conftest import SetUp

CODE = re.compile(r"([0-9a-hjkmnp-tv-z]{4}-){5}[0-9a-hjkmnp-tv-z]{4}")


def create(operator: Operator) -> dict[str, str]:
    made = operator.runs("admin", "create", "--name", "Sari", "--email", "Sari@X.id", "--json")
    assert made.code == 0, made.err
    told: dict[str, str] = made.json
    return told


def test_the_first_owner_gets_a_code_and_nobody_a_second_time(set_up: SetUp) -> None:
    operator = set_up.operator
    told = create(operator)
    assert CODE.fullmatch(told["one_time_code"])
    assert told["address"].endswith("/dashboard/first")
    assert (told["email"], told["role"]) == ("sari@x.id", "owner")
    again = operator.runs("admin", "create", "--name", "Rini", "--email", "rini@x.id")
    assert again.refused("admin invite")
    wrong = ("admin", "invite", "--name", "Rini", "--email", "rini@x.id", "--role", "king")
    assert operator.runs(*wrong).refused("owner, finance, viewer")


def test_who_has_lost_everything_gets_a_code_on_the_server(set_up: SetUp) -> None:
    operator = set_up.operator
    create(operator)
    assert CODE.search(operator.runs("admin", "reset-factors", "sari@x.id").out)
    assert operator.runs("admin", "disable", "sari@x.id").refused("last owner")
    (shown,) = operator.runs("admin", "list", "--json").json
    assert (shown["email"], shown["role"], shown["status"]) == ("sari@x.id", "owner", "invited")

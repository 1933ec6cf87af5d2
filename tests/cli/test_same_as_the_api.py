"""With --json a command tells of a thing what the API tells of it, under the same names."""

import json
import urllib.request
from typing import Any

from tests.cli.conftest import SetUp
from tests.cli.test_money_commands import subscribed
from tests.cli.test_webhook_commands import created


def names(told: Any) -> list[tuple[str | None, list[str]]]:
    """Each thing's id, and what is told of it."""
    each = told if isinstance(told, list) else [told]
    return [(one.get("id"), sorted(one)) for one in each]


def test_what_the_api_tells_of_a_thing_the_terminal_tells(set_up: SetUp) -> None:
    subscription = subscribed(set_up)
    endpoint = created(set_up)
    runs, app = set_up.operator.runs, ("--app", set_up.app["id"])
    assert runs("webhook", "test", endpoint["id"]).code == 0
    made = runs("key", "create", *app, "--scopes", "read,admin", "--json").json
    place = f"webhook-endpoints/{endpoint['id']}"
    pairs = {
        "keys": ("key", "list", *app),
        "plans": ("plan", "list", *app),
        "webhook-endpoints": ("webhook", "list", *app),
        f"{place}/deliveries": ("webhook", "deliveries", endpoint["id"]),
        f"subscriptions/{subscription['id']}": ("subscription", "show", subscription["id"]),
        f"customers/{subscription['customer']['id']}/credit": (
            "credit",
            "show",
            subscription["customer"]["id"],
        ),
    }
    with set_up.operator.serving() as serving:

        def asked(path: str) -> Any:
            request = urllib.request.Request(  # noqa: S310 - our own address
                f"{serving.origin}/v1/{path}",
                headers={"Authorization": f"Bearer {made['secret']}"},
            )
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - the same
                told = json.load(answer)
            return told.get("data", told)

        asked("keys")  # a key tells when it was last used
        for path, command in pairs.items():
            there, here = asked(path), runs(*command, "--json").json
            assert names(here) == names(there), path
            if path in ("keys", "plans"):  # the worker goes on with what else there is
                assert here == there
    new = runs("key", "roll", made["id"], "--json").json
    assert set(new) == {*made} == {*runs("key", "list", *app, "--json").json[0], "secret"}

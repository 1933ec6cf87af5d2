"""The admin call: sets faults, tells how often each fired, clears, and keeps strangers out."""

from typing import Any

import pytest

from tests.outside.simulator.conftest import Simulate

PATH = "/admin/faults"


async def test_faults_are_set_counted_and_cleared_by_call(simulate: Simulate) -> None:
    at = await simulate()
    fault = {"kind": "error", "order_id": "chg_1", "times": 2, "variant": "503"}

    added = await at.ask("POST", PATH, json={"seed": 9, "faults": [fault]})
    statuses = [(await at.create()).status for _ in range(3)]
    told = await at.ask("GET", PATH)
    cleared = await at.ask("DELETE", PATH)

    assert statuses == [503, 503, 200]
    assert added.json["fired"] == {}
    assert told.json["seed"] == 9
    assert [one["kind"] for one in told.json["faults"]] == ["error"]
    assert told.json["fired"] == {"error": 2}
    assert told.json["fired_by_order"] == {"chg_1": {"error": 2}}
    assert cleared.json == {"seed": 9, "faults": [], "fired": {}, "fired_by_order": {}}


async def test_a_seed_begins_anew_and_without_one_faults_add_up(simulate: Simulate) -> None:
    at = await simulate()
    for kind in ("slow", "drip"):
        await at.ask("POST", PATH, json={"faults": [{"kind": kind, "rate": 0.5}]})
    both = (await at.ask("GET", PATH)).json["faults"]

    anew = (await at.ask("POST", PATH, json={"seed": 4})).json

    assert [one["kind"] for one in both] == ["slow", "drip"]
    assert (anew["seed"], anew["faults"]) == (4, [])


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("key", ["", "salah"])
async def test_strangers_neither_see_nor_set_faults(
    simulate: Simulate, method: str, key: str
) -> None:
    at = await simulate()
    at.will(kind="slow")

    said = await at.ask(method, PATH, json={"seed": 1}, headers={"X-Api-Key": key})

    assert said.status == 401
    assert len(at.faults.all) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"faults": [{"kind": "nope"}]},
        {"kind": "slow"},
        [],
        {"faults": [{"kind": "slow", "rate": 2}]},
    ],
)
async def test_what_cannot_be_set_is_refused_with_the_kinds_there_are(
    simulate: Simulate, body: Any
) -> None:
    at = await simulate()

    said = await at.ask("POST", PATH, json=body)

    assert said.status == 400
    assert "notice_before_answer" in said.json["kinds"]
    assert not at.faults

"""The commands for plans: made, edited, archived, and a price brought to subscribers."""

from tests.cli.conftest import SetUp
from tests.cli.test_money_commands import PAID, subscribed

PLAN = ("--code", "emas", "--name", "Emas", "--price", "150000", "--months", "1")


def test_a_plan_is_made_with_its_prices_ahead(set_up: SetUp) -> None:
    runs, app = set_up.operator.runs, ("--app", set_up.app["id"])
    ahead = ("--price-ahead", "3=430000", "--price-ahead", "12=1500000")
    made = runs("plan", "create", *app, *PLAN, *ahead, "--json")
    assert made.code == 0, made.err
    assert made.json["prices_ahead"] == {"3": 430_000, "12": 1_500_000}
    assert "Rp1.500.000" in runs("plan", "list", *app).out
    silver = ("--code", "perak", *PLAN[2:])
    above = runs("plan", "create", *app, *silver, "--price-ahead", "12=10000001")
    assert above.refused("Rp10.000.000")
    assert runs("plan", "create", *app, *silver, "--price-ahead", "4=500000").refused("3, 6 or 12")
    assert "like 12=990000" in runs("plan", "create", *app, *silver, "--price-ahead", "12").err
    late = runs("plan", "create", *app, *silver, "--late-payment", "never")
    assert "grace_then_payment_day" in late.err
    assert [plan["code"] for plan in runs("plan", "list", *app, "--json").json] == ["emas"]


def test_a_plan_is_edited_archived_and_sold_again(set_up: SetUp) -> None:
    runs, app = set_up.operator.runs, ("--app", set_up.app["id"])
    assert runs("plan", "create", *app, *PLAN).code == 0
    edited = runs(
        "plan", "edit", "emas", *app, "--name", "Emas murni", "--price", "160000", "--json"
    )
    assert (edited.json["name"], edited.json["price"]) == ("Emas murni", 160_000)
    assert runs("plan", "edit", "emas", *app, "--price", "0").refused("free")
    assert runs("plan", "edit", "perak", *app, "--price", "1000").refused("no plan perak")
    assert runs("plan", "archive", "emas", *app, "--json").json["archived"] is True
    sold_again = runs("plan", "archive", "emas", *app, "--bring-back", "--json")
    assert sold_again.json["archived"] is False


def test_a_price_reaches_subscribers_with_a_reason_alone(set_up: SetUp) -> None:
    runs, app = set_up.operator.runs, ("--app", set_up.app["id"])
    made = subscribed(set_up)
    assert runs("invoice", "mark-paid", made["open_invoice"]["id"], *PAID).code == 0
    plan = (made["plan"]["code"], *app, "--price", "129000", "--move-subscribers")
    assert runs("plan", "edit", *plan).refused("Say why")
    (before,) = runs("plan", "list", *app, "--json").json
    assert before["price"] != 129_000
    moved = runs("plan", "edit", *plan, "--reason", "Harga 2027", "--json")
    assert moved.json["moved_subscribers"] == 1
    again = runs("plan", "edit", *plan, "--reason", "Harga 2027", "--json")
    assert again.json["moved_subscribers"] == 0

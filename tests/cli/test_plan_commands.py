"""What an operator does with plans: prices, prices ahead, moving subscribers, the end of a sale."""

from tests.cli.conftest import SetUp
from tests.cli.test_money_commands import subscribed


def test_a_plan_is_sold_with_prices_ahead_and_edited(set_up: SetUp) -> None:
    runs, app = set_up.operator.runs, ("--app", set_up.app["id"])
    what = ("--code", "hemat", "--name", "Hemat", "--price", "99000", "--months", "1")
    ahead = ("--price-ahead", "3=280000", "--price-ahead", "12=990000")
    made = runs("plan", "create", *app, *what, *ahead, "--late-payment", "period_end", "--json")
    assert made.json["prices_ahead"] == {"3": 280_000, "12": 990_000}
    assert made.json["late_payment"] == "period_end"
    assert "12: Rp990.000" in runs("plan", "list", *app).out
    edit = ("plan", "edit", "hemat", *app)
    assert runs(*edit, "--price", "109000", "--json").json["price"] == 109_000
    assert runs(*edit, "--price-ahead", "6=600000", "--json").json["prices_ahead"] == {"6": 600_000}
    assert runs(*edit, "--no-prices-ahead", "--json").json["prices_ahead"] == {}
    assert runs(*edit, "--grace-days", "3", "--json").json["grace_days"] == 3
    assert runs(*edit, "--grace-days", "-1", "--json").json["grace_days"] is None


def test_a_wrong_price_or_rule_is_refused(set_up: SetUp) -> None:
    subscribed(set_up)
    runs = set_up.operator.runs
    edit = ("plan", "edit", "bulanan", "--app", set_up.app["id"])
    assert runs(*edit, "--price-ahead", "12=99000").refused("Rp99.000")
    assert runs(*edit, "--price-ahead", "12=99000000").refused("Rp10.000.000")
    assert "12=990000" in runs(*edit, "--price-ahead", "setahun").err
    assert "grace_then_payment_day" in runs(*edit, "--late-payment", "never").err
    nobody = ("plan", "edit", "mingguan", "--app", set_up.app["id"])
    assert runs(*nobody, "--price", "1000").refused("no plan mingguan")


def test_subscribers_are_moved_with_a_reason(set_up: SetUp) -> None:
    made = subscribed(set_up)
    runs = set_up.operator.runs
    paid = ("--reference", "BCA 1", "--note", "Transfer")
    assert runs("invoice", "mark-paid", made["open_invoice"]["id"], *paid).code == 0
    edit = ("plan", "edit", "bulanan", "--app", set_up.app["id"], "--price", "129000")
    assert runs(*edit, "--move-subscribers").refused("Say why")
    why = ("--move-subscribers", "--reason", "Harga 2027", "--json")
    moved = runs(*edit, *why).json
    assert (moved["price"], moved["moved_subscribers"]) == (129_000, 1)
    assert runs(*edit, *why).json["moved_subscribers"] == 0


def test_an_archived_plan_is_brought_back(set_up: SetUp) -> None:
    subscribed(set_up)
    archive = ("plan", "archive", "bulanan", "--app", set_up.app["id"])
    runs = set_up.operator.runs
    assert runs(*archive, "--json").json["archived"] is True
    assert runs(*archive, "--bring-back", "--json").json["archived"] is False

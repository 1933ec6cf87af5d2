"""What may happen in a life, how often, and with what: the steps that hypothesis chooses from."""

from typing import Any

from hypothesis import strategies as st

from payment_service.actions.add_plan import NewPlan
from payment_service.kit.calendar import ZONES

PLANS = {
    "bulanan": NewPlan(code="bulanan", name="Bulanan", price=99_000, months=1),
    "murah": NewPlan(code="murah", name="Murah", price=10_000, months=1, grace_days=0),
    "triwulan": NewPlan(code="triwulan", name="Triwulan", price=270_000, months=3),
    "tahunan": NewPlan(code="tahunan", name="Tahunan", price=990_000, months=12, grace_days=14),
    "gratis": NewPlan(code="gratis", name="Gratis", price=0, months=1),
    "coba": NewPlan(code="coba", name="Coba dulu", price=99_000, months=1, trial_days=14),
    "sebentar": NewPlan(code="sebentar", name="Sebentar", price=50_000, months=1, trial_days=3),
}
Deed = tuple[str, dict[str, Any]]
TENANTS = ("budi", "sari", "agus", "dewi")

some = st.integers(0, 63)
"""Which one of those that there are: the rest of dividing by how many they are."""
app_settings = st.fixed_dictionaries(
    {
        "zone": st.sampled_from(ZONES),
        "many_subscriptions": st.booleans(),
        "grace_days": st.sampled_from((7, 0, 3)),
        "renewal_lead_days": st.sampled_from((7, 0, 14)),
        "pending_timeout_hours": st.sampled_from((72, 1, 24)),
        "cancel_after_days": st.sampled_from((60, None, 5)),
    }
)
late_payments = st.sampled_from(("grace_then_payment_day", "period_end", "payment_day"))


def deed(name: str, **arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Deed]:
    return st.tuples(st.just(name), st.fixed_dictionaries(arguments))


def chosen(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


HOW_OFTEN = {
    deed("hours_pass", hours=st.integers(1, 47)): 2,
    deed("subscribe", who=chosen(*TENANTS), plan=chosen(*PLANS)): 5,
    deed("pay_what_is_open", which=some, periods=chosen(1, 1, 1, 3, 6, 12), told=st.booleans()): 8,
    deed("days_pass", days=st.integers(1, 10)): 5,
    deed("the_service_sleeps", days=st.integers(1, 40)): 1,
    deed("ask_for_a_code", which=some, periods=chosen(1, 1, 1, 3, 6, 12)): 2,
    deed("renew_early", which=some, periods=chosen(1, 3, 6, 12)): 2,
    deed("pay_any_code", which=some, told=st.booleans()): 2,
    deed("pay_another_amount", which=some, amount=chosen(1, 500, 99_000, 5_000_000)): 2,
    deed("cancel", which=some, at_once=st.booleans()): 1,
    deed("undo", which=some): 1,
    deed("change", which=some, plan=chosen(*PLANS), at=chosen("renewal", "now")): 3,
    deed("suspend", which=some): 1,
    deed("resume", which=some): 2,
    deed("extend", which=some, days=chosen(1, 7, 40, 366)): 1,
    deed("move_date", which=some, days=chosen(0, 1, 3, 10, 45)): 1,
    deed("void", which=some): 1,
    deed("mark_paid", which=some, days_ago=chosen(0, 0, 1, 5, 30, 50)): 2,
    deed("refund", which=some, amount=chosen(500, 10_000, 99_000)): 1,
    deed(
        "move_price",
        plan=chosen("bulanan", "murah", "tahunan", "coba"),
        price=chosen(500, 60_000, 99_000, 1_200_000),
        all_too=st.booleans(),
    ): 1,
    deed("one_off", who=chosen(*TENANTS), total=chosen(500, 99_000, 1_000_000)): 1,
    deed("forget", who=chosen(*TENANTS)): 2,
    deed("import_one", who=chosen("lama", "tua", *TENANTS), days=chosen(-40, -3, 0, 5, 20)): 1,
    deed("decide_a_review", deed=chosen("settle", "credit", "refund", "dismiss")): 1,
}
"""What is simple stands first: a failure is shortened towards it."""
deeds = st.sampled_from([one for one, times in HOW_OFTEN.items() for _ in range(times)]).flatmap(
    lambda one: one
)

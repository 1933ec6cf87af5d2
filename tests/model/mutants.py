"""Planted bugs: each spoils one thing in a good database, as a bug of ours or a hand might."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Text, and_, cast, func, insert, select, text, update

from payment_service.kit.statements import Transaction, command, value
from payment_service.model.alert import alerts
from payment_service.model.answer import answers
from payment_service.model.app import apps
from payment_service.model.audit import audit_entries
from payment_service.model.charge import charges
from payment_service.model.credit import credit_entries
from payment_service.model.customer import customers
from payment_service.model.customer_word import customer_words
from payment_service.model.daily_total import daily_revenues, daily_standings
from payment_service.model.delivery import deliveries
from payment_service.model.event import event_counters, events
from payment_service.model.invoice import invoice_counters, invoices
from payment_service.model.payment import payments
from payment_service.model.subscription import OPEN, subscriptions

Damage = Callable[[Transaction], None]
DAY = timedelta(days=1)


def one(tx: Transaction, core: Any) -> Any:
    """The first value, which must be there."""
    found = tx.one(value(core.limit(1), object))
    assert found is not None, "the good database has no such row"
    return found


def run(tx: Transaction, core: Any) -> None:
    assert tx.run(command(core)) == 1


def change(table: Any, wanted: Any, **values: Any) -> Damage:
    """Write that into one row that is like that."""

    def damage(tx: Transaction) -> None:
        (key,) = table.primary_key.columns
        row = one(tx, select(key).where(wanted).order_by(key.desc()))
        run(tx, update(table).where(key == row).values(**values))

    return damage


def without(index: str, damage: Damage) -> Damage:
    """With the index gone that would refuse it."""

    def more(tx: Transaction) -> None:
        tx.run(command(text(f"DROP INDEX {index}")))
        damage(tx)

    return more


def rewrite(kind: str, old: str, new: str) -> Damage:
    """Say another thing in an event of this type."""

    def damage(tx: Transaction) -> None:
        wanted = select(events.c.id).where(events.c.type == kind, events.c.body.contains(old))
        row = one(tx, wanted.order_by(events.c.position.desc()))
        body = func.replace(events.c.body, old, new)
        run(tx, update(events).where(events.c.id == row).values(body=body))

    return damage


_untouched = subscriptions.c.id.not_in(select(audit_entries.c.subject_id))
_paid_periods = select(invoices.c.id).where(
    invoices.c.kind == "renewal", invoices.c.status == "paid"
)
_left_alone = invoices.c.subscription_id.in_(select(subscriptions.c.id).where(_untouched))


def _move_a_period(tx: Transaction) -> None:
    row = one(tx, _paid_periods.where(_left_alone))
    start = one(tx, select(invoices.c.period_start).where(invoices.c.id == row))
    run(tx, update(invoices).where(invoices.c.id == row).values(period_start=start - DAY))


def _turn_a_period_round(tx: Transaction) -> None:
    row = one(tx, _paid_periods)
    start = one(tx, select(invoices.c.period_start).where(invoices.c.id == row))
    run(tx, update(invoices).where(invoices.c.id == row).values(period_end=start - DAY))


def _bill_a_period_twice(tx: Transaction) -> None:
    row = one(tx, _paid_periods)
    owner = one(tx, select(invoices.c.subscription_id).where(invoices.c.id == row))
    first = select(invoices.c.period_start).where(
        invoices.c.subscription_id == owner, invoices.c.kind == "first"
    )
    run(tx, update(invoices).where(invoices.c.id == row).values(period_start=one(tx, first)))


def _revive_what_was_replaced(tx: Transaction) -> None:
    """A renewal was void before the first invoice was paid, it says, and was paid all the same."""
    row = one(tx, _paid_periods)
    owner = one(tx, select(invoices.c.subscription_id).where(invoices.c.id == row))
    first = select(invoices.c.id).where(
        invoices.c.subscription_id == owner, invoices.c.kind == "first"
    )
    issued = and_(events.c.type == "invoice.issued", events.c.subject_id == one(tx, first))
    run(tx, update(events).where(issued).values(type="invoice.voided", subject_id=row))


def _open_two(tx: Transaction) -> None:
    owner = one(
        tx,
        select(invoices.c.subscription_id)
        .where(invoices.c.kind.in_(("first", "renewal")))
        .group_by(invoices.c.subscription_id)
        .having(func.count() > 1),
    )
    tx.run(
        command(update(invoices).where(invoices.c.subscription_id == owner).values(status="open"))
    )


def _revive_beside_another(tx: Transaction) -> None:
    ended = select(subscriptions.c.id).where(
        subscriptions.c.status == "canceled",
        subscriptions.c.customer_id.in_(
            select(subscriptions.c.customer_id).where(subscriptions.c.status.in_(OPEN))
        ),
    )
    row = one(tx, ended)
    run(tx, update(subscriptions).where(subscriptions.c.id == row).values(status="active"))


def _give_a_second_trial(tx: Transaction) -> None:
    customer = one(
        tx,
        select(subscriptions.c.customer_id)
        .group_by(subscriptions.c.customer_id)
        .having(func.count() > 1),
    )
    theirs = select(subscriptions.c.id).where(subscriptions.c.customer_id == customer)
    tx.run(
        command(
            update(events)
            .where(events.c.type == "subscription.created", events.c.subject_id.in_(theirs))
            .values(type="subscription.trial_started")
        )
    )


def _take_more_than_there_is(tx: Transaction) -> None:
    entry = one(tx, select(credit_entries.c.id))
    row = {
        column.name: one(tx, select(column).where(credit_entries.c.id == entry))
        for column in (credit_entries.c.app_id, credit_entries.c.customer_id)
    }
    created_at = one(tx, select(credit_entries.c.created_at))
    run(
        tx,
        insert(credit_entries).values(
            id="crd_planted", kind="refunded", amount=-9_000_000, created_at=created_at, **row
        ),
    )


def _make_it_a_live_app(tx: Transaction) -> None:
    run(tx, update(apps).values(mode="live", gateway=None))


def _give_a_code_to_another_app(tx: Transaction) -> None:
    app = one(tx, select(apps.c.id))
    copied = [column if column.name != "id" else (column + "x") for column in apps.c]
    run(
        tx,
        insert(apps).from_select(
            [column.name for column in apps.c], select(*copied).where(apps.c.id == app)
        ),
    )
    row = one(tx, select(charges.c.id))
    run(tx, update(charges).where(charges.c.id == row).values(app_id=app + "x"))


def _give_an_invoice_to_another_customer(tx: Transaction) -> None:
    row = one(tx, select(invoices.c.id).where(invoices.c.subscription_id.is_not(None)))
    owner = one(tx, select(invoices.c.customer_id).where(invoices.c.id == row))
    other = one(tx, select(customers.c.id).where(customers.c.id != owner))
    run(tx, update(invoices).where(invoices.c.id == row).values(customer_id=other))


def _lose_a_delivery(tx: Transaction) -> None:
    row = one(tx, select(deliveries.c.id).order_by(deliveries.c.id.desc()))
    run(tx, deliveries.delete().where(deliveries.c.id == row))


def _lose_an_audit_entry(tx: Transaction) -> None:
    run(tx, audit_entries.delete().where(audit_entries.c.position == 1))


def _cut_the_audit_log(tx: Transaction) -> None:
    last = one(tx, select(func.max(audit_entries.c.position)))
    run(tx, audit_entries.delete().where(audit_entries.c.position == last))


def _forget_an_answer(tx: Transaction) -> None:
    run(tx, update(answers).values(body=None))


def _forget_a_day(tx: Transaction) -> None:
    day = one(tx, select(daily_revenues.c.day).order_by(daily_revenues.c.day.desc()))
    run(tx, daily_revenues.delete().where(daily_revenues.c.day == day))


def _count_one_less(tx: Transaction) -> None:
    plan = one(tx, select(subscriptions.c.plan_id).where(subscriptions.c.status == "active"))
    here = daily_standings.c.plan_id == plan, daily_standings.c.status == "active"
    day = one(tx, select(func.max(daily_standings.c.day)).where(*here))
    run(
        tx,
        update(daily_standings)
        .where(*here, daily_standings.c.day == day)
        .values(subscriptions=daily_standings.c.subscriptions - 1),
    )


def _lose_a_word(tx: Transaction) -> None:
    word = one(tx, select(customer_words.c.word))
    run(tx, customer_words.delete().where(customer_words.c.word == word))


def _count_one_more(table: Any) -> Damage:
    return lambda tx: run(tx, update(table).values(last=table.c.last + 1))


_closed_invoice = charges.c.invoice_id.in_(select(invoices.c.id).where(invoices.c.status == "paid"))
_credited_whole = credit_entries.c.invoice_id.is_(None)

MUTANTS: list[tuple[str, Damage]] = [
    (
        "a_charge_is_paid_by_one_payment",
        change(charges, charges.c.status == "paid", status="canceled"),
    ),
    (
        "a_payment_is_settled_credited_or_in_review",
        change(credit_entries, _credited_whole, amount=98_999),
    ),
    (
        "a_payment_is_settled_credited_or_in_review",
        change(payments, payments.c.outcome == "needs_review", outcome="credited"),
    ),
    (
        "a_question_is_asked",
        change(alerts, alerts.c.kind == "payment_needs_review", subject_id="pay_other"),
    ),
    (
        "a_paid_invoice_is_covered",
        change(invoices, invoices.c.status == "paid", total=99_001),
    ),
    (
        "a_paid_invoice_is_covered",
        change(payments, payments.c.outcome == "settled", outcome="needs_review"),
    ),
    (
        "a_paid_invoice_is_covered",
        without(
            "one_open_period_invoice", change(invoices, invoices.c.status == "paid", status="void")
        ),
    ),
    (
        "an_invoice_is_settled_once",
        change(payments, payments.c.outcome == "credited", outcome="settled"),
    ),
    (
        "credit_applied_is_what_its_entries_say",
        change(invoices, invoices.c.status == "open", credit_applied=500),
    ),
    ("credit_is_never_negative", _take_more_than_there_is),
    ("play_money_stays_out_of_live_apps", _make_it_a_live_app),
    (
        "an_open_code_is_watched",
        change(charges, charges.c.status == "open", check_at=None),
    ),
    (
        "a_code_of_a_closed_invoice_is_closed",
        change(charges, _closed_invoice, status="replaced", cancel_at=None, cancel_tries=0),
    ),
    (
        "invoice_numbers_have_no_gap",
        change(invoices, invoices.c.kind == "first", number="D-2027-1"),
    ),
    ("invoice_numbers_have_no_gap", _count_one_more(invoice_counters)),
    ("a_period_has_one_invoice", without("one_invoice_a_period", _bill_a_period_twice)),
    (
        "one_period_and_one_upgrade_are_open",
        without("one_open_period_invoice", _open_two),
    ),
    (
        "only_open_subscriptions_owe",
        change(subscriptions, subscriptions.c.status == "pending", status="expired"),
    ),
    (
        "what_is_pending_waits_for_one_first_invoice",
        change(subscriptions, subscriptions.c.status == "active", status="pending"),
    ),
    (
        "an_invoice_says_when_it_was_paid_or_voided",
        change(invoices, invoices.c.status == "paid", paid_at=None),
    ),
    (
        "an_invoice_says_when_it_was_paid_or_voided",
        change(invoices, invoices.c.status == "paid", void_reason="replaced"),
    ),
    (
        "a_reminder_goes_out_once",
        change(invoices, cast(invoices.c.reminded, Text) != "[]", reminded=text("'[]'")),
    ),
    (
        "a_state_has_its_dates",
        change(subscriptions, subscriptions.c.paid_through.is_not(None), anchor_day=None),
    ),
    (
        "a_customer_has_one_open_subscription",
        without("one_open_subscription", _revive_beside_another),
    ),
    ("a_customer_has_one_trial", _give_a_second_trial),
    (
        "each_payment_moves_its_subscription_once",
        change(events, events.c.type == "subscription.renewed", type="subscription.updated"),
    ),
    (
        "each_payment_moves_its_subscription_once",
        change(events, events.c.type == "subscription.grace_started", type="subscription.renewed"),
    ),
    ("old_money_gives_up_nothing", _revive_what_was_replaced),
    (
        "a_paid_invoice_is_told_once",
        change(events, events.c.type == "invoice.paid", type="invoice.issued"),
    ),
    ("periods_follow_one_another", _move_a_period),
    ("periods_follow_one_another", _turn_a_period_round),
    (
        "periods_follow_one_another",
        change(invoices, invoices.c.id.in_(_paid_periods), period_start=None, period_end=None),
    ),
    (
        "paid_through_is_what_was_bought",
        change(
            subscriptions,
            and_(_untouched, subscriptions.c.status == "active", subscriptions.c.price > 0),
            paid_through=date(2030, 1, 1),
        ),
    ),
    ("positions_have_no_gap", _count_one_more(event_counters)),
    ("each_step_is_told_once", rewrite("subscription.renewed", '"seq":3', '"seq":4')),
    (
        "states_move_as_they_may",
        rewrite("subscription.renewed", '"status":"active"', '"status":"pending"'),
    ),
    (
        "the_latest_event_tells_how_it_stands",
        change(subscriptions, subscriptions.c.status == "active", seq=99),
    ),
    ("each_event_is_on_its_way", _lose_a_delivery),
    (
        "no_delivery_is_stuck",
        change(deliveries, deliveries.c.status == "queued", next_at=None),
    ),
    ("nothing_crosses_apps", _give_a_code_to_another_app),
    ("nothing_crosses_customers", _give_an_invoice_to_another_customer),
    (
        "the_audit_chain_is_whole",
        change(audit_entries, audit_entries.c.position == 1, reason="another"),
    ),
    ("the_audit_chain_is_whole", _lose_an_audit_entry),
    ("the_audit_chain_is_whole", _cut_the_audit_log),
    ("a_kept_answer_is_whole", _forget_an_answer),
    ("daily_revenue_is_what_was_paid", _forget_a_day),
    (
        "daily_revenue_is_what_was_paid",
        change(invoices, invoices.c.kind == "renewal", paid_on=date(2027, 12, 31), status="paid"),
    ),
    ("daily_standing_is_how_subscriptions_stand", _count_one_less),
    (
        "daily_standing_is_how_subscriptions_stand",
        change(subscriptions, subscriptions.c.status == "active", price=98_000),
    ),
    ("customers_are_found_by_their_words", change(customers, customers.c.id != "", name="Wati")),
    ("customers_are_found_by_their_words", _lose_a_word),
]
"""The invariant that must find it, and what to spoil."""

"""What must hold of periods: one step for each payment, in order, and nothing bought is lost."""

from sqlalchemy import and_, case, func, or_, select

from payment_service.kit.expressions import day_after
from payment_service.model.audit import audit_entries
from payment_service.model.event import events
from payment_service.model.invariant.breach import found, invariant
from payment_service.model.invoice import invoices
from payment_service.model.subscription import subscriptions

BY_MONEY = ("subscription.activated", "subscription.renewed", "subscription.resumed")
"""What a payment makes of a subscription."""

_by_an_admin = (
    select(audit_entries.c.position)
    .where(audit_entries.c.subject_id == subscriptions.c.id)
    .exists()
)
"""Whoever moves dates by hand may leave gaps and overlaps; why stands in the audit log."""

_paid = (
    select(
        invoices.c.id,
        invoices.c.subscription_id,
        invoices.c.kind,
        invoices.c.period_start,
        invoices.c.period_end,
        invoices.c.paid_on,
        func.lag(invoices.c.period_end)
        .over(partition_by=invoices.c.subscription_id, order_by=events.c.position)
        .label("ended_before"),
        func.lead(invoices.c.id)
        .over(partition_by=invoices.c.subscription_id, order_by=events.c.position)
        .label("following"),
    )
    .select_from(
        invoices.join(
            events, and_(events.c.subject_id == invoices.c.id, events.c.type == "invoice.paid")
        )
    )
    .where(invoices.c.status == "paid", invoices.c.subscription_id.is_not(None))
    .subquery()
)
_of_subscription = _paid.join(subscriptions, subscriptions.c.id == _paid.c.subscription_id)
_upgrade = invoices.alias("upgrade")
_gave_up = (
    select(_upgrade.c.id)
    .where(
        _upgrade.c.subscription_id == _paid.c.subscription_id,
        _upgrade.c.kind == "upgrade",
        _upgrade.c.status == "paid",
    )
    .exists()
)
"""An upgrade buys back the periods after its day, and their invoices have none any more."""
_continues = _paid.c.period_start == day_after(_paid.c.ended_before)
_restarts = and_(
    _paid.c.period_start == day_after(_paid.c.paid_on),
    or_(_paid.c.kind == "upgrade", _paid.c.period_start > _paid.c.ended_before),
)

_steps = (
    select(
        events.c.id,
        events.c.type,
        events.c.subject_id,
        events.c.position,
        events.c.subject_id.label("subscription_id"),
    )
    .where(events.c.type.like("subscription.%"))
    .union_all(
        select(
            events.c.id,
            events.c.type,
            events.c.subject_id,
            events.c.position,
            invoices.c.subscription_id,
        )
        .select_from(events.join(invoices, invoices.c.id == events.c.subject_id))
        .where(events.c.type == "invoice.paid", invoices.c.subscription_id.is_not(None))
    )
    .subquery()
)
_neighbours = select(
    _steps,
    func.lag(_steps.c.type)
    .over(partition_by=_steps.c.subscription_id, order_by=_steps.c.position)
    .label("before"),
    func.lead(_steps.c.type)
    .over(partition_by=_steps.c.subscription_id, order_by=_steps.c.position)
    .label("following"),
    func.max(case((_steps.c.type == "invoice.paid", _steps.c.position)))
    .over(partition_by=_steps.c.subscription_id, order_by=_steps.c.position, rows=(None, -1))
    .label("bought_at"),
).subquery()
_of_neighbours = _neighbours.outerjoin(
    subscriptions, subscriptions.c.id == _neighbours.c.subscription_id
)
_is_ahead = _neighbours.c.following == "invoice.paid"
"""What was paid ahead is one more paid invoice, and the step follows that one."""
_is_for_nothing = and_(
    _neighbours.c.following == "subscription.plan_changed",
    select(invoices.c.id)
    .where(invoices.c.id == _neighbours.c.subject_id, invoices.c.total == 0)
    .exists(),
)
"""An upgrade that the old period's unused days have paid for."""

_voided = (
    select(events.c.subject_id, func.max(events.c.position).label("position"))
    .where(events.c.type == "invoice.voided")
    .group_by(events.c.subject_id)
    .subquery()
)

INVARIANTS = (
    invariant(
        "each_payment_moves_its_subscription_once",
        "It is an event {seen}, and {wanted} stands beside it.",
        found(_neighbours.c.subject_id, _neighbours.c.type, _neighbours.c.following).where(
            _neighbours.c.type == "invoice.paid",
            or_(
                _neighbours.c.following.is_(None),
                and_(~_is_ahead, ~_is_for_nothing, _neighbours.c.following.not_in(BY_MONEY)),
            ),
        ),
        found(_neighbours.c.subject_id, _neighbours.c.type, _neighbours.c.before)
        .select_from(_of_neighbours)
        .where(
            or_(
                and_(
                    _neighbours.c.type == "subscription.renewed",
                    _neighbours.c.before != "invoice.paid",
                ),
                and_(
                    _neighbours.c.type == "subscription.activated",
                    _neighbours.c.before.not_in(("invoice.paid", "subscription.created")),
                ),
                and_(
                    _neighbours.c.type == "subscription.resumed",
                    _neighbours.c.before != "invoice.paid",
                    ~_by_an_admin,
                ),
            ),
        ),
    ),
    invariant(
        "old_money_gives_up_nothing",
        "It was void at position {wanted}, and revived although another was paid at {seen}.",
        found(_neighbours.c.subject_id, _neighbours.c.bought_at, _voided.c.position)
        .select_from(_neighbours.join(_voided, _voided.c.subject_id == _neighbours.c.subject_id))
        .where(
            _neighbours.c.type == "invoice.paid",
            _neighbours.c.bought_at > _voided.c.position,
            _neighbours.c.position > _voided.c.position,
            # What is over has nothing left that could be given up.
            _neighbours.c.before.not_in(("subscription.canceled", "subscription.expired")),
        ),
    ),
    invariant(
        "a_paid_invoice_is_told_once",
        "It is paid, and {seen} events say so.",
        found(invoices.c.id, func.count(events.c.id))
        .select_from(
            invoices.outerjoin(
                events, and_(events.c.subject_id == invoices.c.id, events.c.type == "invoice.paid")
            )
        )
        # What was paid before it was issued here was imported, and is not told again.
        .where(invoices.c.status == "paid", invoices.c.paid_at >= invoices.c.created_at)
        .group_by(invoices.c.id)
        .having(func.count(events.c.id) != 1),
    ),
    invariant(
        "periods_follow_one_another",
        "Its period begins on {seen}; the one bought before it ended on {wanted}.",
        found(_paid.c.id, _paid.c.period_start, _paid.c.ended_before)
        .select_from(_of_subscription)
        .where(_paid.c.ended_before.is_not(None), ~or_(_continues, _restarts), ~_by_an_admin),
        found(_paid.c.id, _paid.c.period_start, _paid.c.period_end).where(
            or_(
                _paid.c.period_end < _paid.c.period_start,
                _paid.c.period_end.is_(None) != _paid.c.period_start.is_(None),
                and_(_paid.c.period_start.is_(None), ~_gave_up),
            )
        ),
    ),
    invariant(
        "paid_through_is_what_was_bought",
        "It is paid through {seen}, and its latest period ends on {wanted}.",
        found(subscriptions.c.id, subscriptions.c.paid_through, _paid.c.period_end)
        .select_from(_of_subscription)
        .where(
            _paid.c.following.is_(None),
            subscriptions.c.paid_through.is_not(None),
            subscriptions.c.paid_through.is_distinct_from(_paid.c.period_end),
            ~_by_an_admin,
        ),
    ),
)

"""What must hold of invoices: numbers without gaps, one a period, states that fit."""

from sqlalchemy import String, and_, case, cast, func, literal, or_, select

from payment_service.kit.expressions import json_field
from payment_service.kit.schema import Number
from payment_service.model.app import apps
from payment_service.model.event import events
from payment_service.model.invariant.breach import found, invariant
from payment_service.model.invoice import invoice_counters, invoices
from payment_service.model.subscription import OPEN, subscriptions

_of_a_period = invoices.c.kind.in_(("first", "renewal"))
_series = (
    apps.c.invoice_prefix + literal("-") + cast(invoice_counters.c.year, String) + literal("-")
)
_count_in_number = func.substr(invoices.c.number, func.length(_series) + 1)
_is_counted = and_(
    func.substr(invoices.c.number, 1, func.length(_series)) == _series,
    func.trim(_count_in_number, "0123456789") == "",
    _count_in_number != "",
)
_numbers = invoice_counters.join(apps, apps.c.id == invoice_counters.c.app_id).outerjoin(
    invoices, and_(invoices.c.app_id == apps.c.id, _is_counted)
)
_highest = func.max(case((_is_counted, cast(_count_in_number, Number)), else_=0))

_open_first = (
    select(invoices.c.subscription_id, func.count().label("count"))
    .where(invoices.c.status == "open", invoices.c.kind == "first")
    .group_by(invoices.c.subscription_id)
    .subquery()
)
_first_invoices = func.coalesce(_open_first.c.count, 0)

_told = (
    select(events.c.subject_id, func.count().label("count"))
    .where(events.c.type == "invoice.reminder")
    .group_by(events.c.subject_id)
    .subquery()
)
_commas = func.length(invoices.c.reminded) - func.length(func.replace(invoices.c.reminded, ",", ""))
_offsets = case((cast(invoices.c.reminded, String) == "[]", 0), else_=_commas + 1)
_reminders = func.coalesce(_told.c.count, 0)
_offset = json_field(events.c.body, "data", "days_from_due")

INVARIANTS = (
    invariant(
        "invoice_numbers_have_no_gap",
        "The invoices and the counter of one of its years are apart: {seen} and {wanted}.",
        found(
            invoice_counters.c.app_id,
            cast(func.count(invoices.c.id), String) + literal(" up to ") + cast(_highest, String),
            invoice_counters.c.last,
        )
        .select_from(_numbers)
        .group_by(invoice_counters.c.app_id, invoice_counters.c.year, invoice_counters.c.last)
        .having(
            or_(
                func.count(invoices.c.id) != invoice_counters.c.last,
                _highest != invoice_counters.c.last,
            )
        ),
    ),
    invariant(
        "a_period_has_one_invoice",
        "{seen} invoices that are not void are for its period from {wanted}.",
        found(invoices.c.subscription_id, func.count(), invoices.c.period_start)
        .where(invoices.c.status != "void", _of_a_period, invoices.c.period_start.is_not(None))
        .group_by(invoices.c.subscription_id, invoices.c.period_start)
        .having(func.count() > 1),
    ),
    invariant(
        "one_period_and_one_upgrade_are_open",
        "{seen} of its invoices of a kind are open.",
        *(
            found(invoices.c.subscription_id, func.count())
            .where(invoices.c.status == "open", kind)
            .group_by(invoices.c.subscription_id)
            .having(func.count() > 1)
            for kind in (_of_a_period, invoices.c.kind == "upgrade")
        ),
    ),
    invariant(
        "only_open_subscriptions_owe",
        "It is open, and its subscription is {seen}.",
        found(invoices.c.id, subscriptions.c.status)
        .select_from(invoices.join(subscriptions, subscriptions.c.id == invoices.c.subscription_id))
        .where(invoices.c.status == "open", subscriptions.c.status.not_in(OPEN)),
    ),
    invariant(
        "what_is_pending_waits_for_one_first_invoice",
        "It is pending, and {seen} first invoices of it are open.",
        found(subscriptions.c.id, _first_invoices)
        .select_from(
            subscriptions.outerjoin(
                _open_first, _open_first.c.subscription_id == subscriptions.c.id
            )
        )
        .where(subscriptions.c.status == "pending", _first_invoices != 1),
    ),
    invariant(
        "an_invoice_says_when_it_was_paid_or_voided",
        "It is {seen}, and the fields of that are not as they should be.",
        found(invoices.c.id, invoices.c.status).where(
            or_(
                and_(
                    invoices.c.status == "open",
                    or_(invoices.c.paid_at.is_not(None), invoices.c.voided_at.is_not(None)),
                ),
                and_(
                    invoices.c.status == "paid",
                    or_(
                        invoices.c.paid_at.is_(None),
                        invoices.c.paid_on.is_(None),
                        invoices.c.void_reason.is_not(None),
                    ),
                ),
                and_(
                    invoices.c.status == "void",
                    or_(
                        invoices.c.voided_at.is_(None),
                        invoices.c.void_reason.is_(None),
                        invoices.c.paid_at.is_not(None),
                    ),
                ),
            )
        ),
    ),
    invariant(
        "a_reminder_goes_out_once",
        "It was told {seen} times of the offsets {wanted}.",
        # Fewer is right: what fell due while an admin's suspension held is passed over in silence.
        found(invoices.c.id, _reminders, invoices.c.reminded)
        .select_from(invoices.outerjoin(_told, _told.c.subject_id == invoices.c.id))
        .where(_reminders > _offsets),
        found(events.c.subject_id, func.count(), _offset)
        .where(events.c.type == "invoice.reminder")
        .group_by(events.c.subject_id, _offset)
        .having(func.count() > 1),
    ),
)

"""What must hold of money: each payment in one place, each paid invoice covered, credit in sum."""

from sqlalchemy import Text, and_, case, cast, func, null, or_, select

from payment_service.kit.schema import Number
from payment_service.model.alert import alerts
from payment_service.model.app import apps
from payment_service.model.charge import charges
from payment_service.model.credit import credit_entries
from payment_service.model.invariant.breach import found, invariant
from payment_service.model.invoice import invoices
from payment_service.model.payment import payments
from payment_service.model.review import reviews

_was_paid = charges.c.status == "paid"
_booked_for = payments.c.id.is_not(None)

_settled = or_(payments.c.outcome == "settled", reviews.c.deed == "settled")
# SQLite joins by an index made on the spot only where it knows that both are text.
_what_it_paid = cast(func.coalesce(reviews.c.invoice_id, payments.c.invoice_id), Text)
_settled_with = (
    select(
        _what_it_paid.label("invoice_id"),
        func.sum(payments.c.amount).label("came"),
        func.count().label("times"),
    )
    .select_from(payments.outerjoin(reviews, reviews.c.payment_id == payments.c.id))
    .where(_settled)
    .group_by(_what_it_paid)
    .subquery()
)
_of_entries = (
    select(
        credit_entries.c.invoice_id,
        func.sum(
            case((credit_entries.c.kind.in_(("applied", "returned")), -credit_entries.c.amount))
        ).label("applied"),
        func.sum(
            case(
                (
                    and_(
                        credit_entries.c.kind == "credited",
                        credit_entries.c.payment_id.is_not(None),
                    ),
                    credit_entries.c.amount,
                )
            )
        ).label("over"),
    )
    .where(credit_entries.c.invoice_id.is_not(None))
    .group_by(credit_entries.c.invoice_id)
    .subquery()
)
_came = func.coalesce(_settled_with.c.came, 0)
_times = func.coalesce(_settled_with.c.times, 0)
_applied = func.coalesce(_of_entries.c.applied, 0)
_over = func.coalesce(_of_entries.c.over, 0)
_bills = invoices.outerjoin(_settled_with, _settled_with.c.invoice_id == invoices.c.id).outerjoin(
    _of_entries, _of_entries.c.invoice_id == invoices.c.id
)

_credited_whole = (
    select(credit_entries.c.payment_id, func.sum(credit_entries.c.amount).label("amount"))
    .where(
        credit_entries.c.kind == "credited",
        credit_entries.c.payment_id.is_not(None),
        credit_entries.c.invoice_id.is_(None),
    )
    .group_by(credit_entries.c.payment_id)
    .subquery()
)
_is_credit = or_(payments.c.outcome == "credited", func.coalesce(reviews.c.deed, "") == "credited")
_to_credit = case((_is_credit, payments.c.amount), else_=0)
_in_credit = func.coalesce(_credited_whole.c.amount, 0)
_decided = payments.outerjoin(reviews, reviews.c.payment_id == payments.c.id)

INVARIANTS = (
    invariant(
        "a_charge_is_paid_by_one_payment",
        "The charge is {seen}, and its payment is {wanted}.",
        found(charges.c.id, charges.c.status, payments.c.id)
        .select_from(charges.outerjoin(payments, payments.c.charge_id == charges.c.id))
        .where(or_(and_(_was_paid, ~_booked_for), and_(~_was_paid, _booked_for))),
    ),
    invariant(
        "a_payment_is_settled_credited_or_in_review",
        "The payment is {seen}, and not all of its money is in that one place: {wanted}.",
        found(payments.c.id, payments.c.outcome, _in_credit)
        .select_from(
            _decided.outerjoin(_credited_whole, _credited_whole.c.payment_id == payments.c.id)
        )
        .where(_in_credit != _to_credit),
        found(payments.c.id, payments.c.outcome, reviews.c.deed)
        .select_from(_decided)
        .where(payments.c.outcome != "needs_review", reviews.c.payment_id.is_not(None)),
    ),
    invariant(
        "a_question_is_asked",
        "The payment needs a review, and no alert of it is open.",
        found(payments.c.id)
        .select_from(
            _decided.outerjoin(
                alerts,
                and_(
                    alerts.c.kind == "payment_needs_review",
                    alerts.c.subject_id == payments.c.id,
                    alerts.c.cleared_at.is_(None),
                ),
            )
        )
        .where(
            payments.c.outcome == "needs_review",
            reviews.c.payment_id.is_(None),
            alerts.c.id.is_(None),
        ),
    ),
    invariant(
        "a_paid_invoice_is_covered",
        "Payments and credit make {seen} of its total of {wanted}.",
        found(invoices.c.id, _came + _applied - _over, invoices.c.total)
        .select_from(_bills)
        .where(invoices.c.status == "paid", _came + _applied - _over != invoices.c.total),
        found(invoices.c.id, _came, null().cast(Text))
        .select_from(_bills)
        .where(invoices.c.status != "paid", or_(_times > 0, _over > 0)),
    ),
    invariant(
        "an_invoice_is_settled_once",
        "{seen} payments have settled it.",
        found(invoices.c.id, _times).select_from(_bills).where(_times > 1),
    ),
    invariant(
        "credit_applied_is_what_its_entries_say",
        "It says that {seen} of credit was applied, its entries {wanted}.",
        found(invoices.c.id, invoices.c.credit_applied, _applied)
        .select_from(_bills)
        .where(invoices.c.credit_applied != _applied),
    ),
    invariant(
        "credit_is_never_negative",
        "The customer's entries make {seen} in all.",
        found(credit_entries.c.customer_id, func.sum(credit_entries.c.amount).cast(Number))
        .group_by(credit_entries.c.customer_id)
        .having(func.sum(credit_entries.c.amount) < 0),
    ),
    invariant(
        "play_money_stays_out_of_live_apps",
        "It is sandbox money in a live app, and {seen}.",
        found(payments.c.id, payments.c.outcome)
        .select_from(payments.join(apps, apps.c.id == payments.c.app_id))
        .where(apps.c.mode == "live", payments.c.is_sandbox, payments.c.outcome != "needs_review"),
        found(charges.c.id, charges.c.status)
        .select_from(charges.join(apps, apps.c.id == charges.c.app_id))
        .where(apps.c.mode == "live", charges.c.is_sandbox, charges.c.status == "open"),
    ),
    invariant(
        "an_open_code_is_watched",
        "It is {seen}, and the gateway would be asked about it {wanted}.",
        found(charges.c.id, charges.c.status, charges.c.check_at).where(
            or_(
                and_(charges.c.status == "open", charges.c.check_at.is_(None)),
                and_(
                    charges.c.lease_until.is_not(None),
                    or_(
                        charges.c.check_at.is_(None),
                        charges.c.check_at < charges.c.lease_until,
                    ),
                ),
            )
        ),
    ),
    invariant(
        "a_code_of_a_closed_invoice_is_closed",
        "It is {seen}, its invoice is {wanted}, and the gateway was not asked to close it.",
        found(charges.c.id, charges.c.status, invoices.c.status)
        .select_from(charges.join(invoices, invoices.c.id == charges.c.invoice_id))
        .where(
            charges.c.status.in_(("open", "replaced")),
            invoices.c.status != "open",
            charges.c.cancel_at.is_(None),
            charges.c.cancel_tries == 0,
        ),
    ),
)

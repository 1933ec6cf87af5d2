"""Lists of subscriptions, newest first, each with all that its apps are told of it."""

from collections.abc import Collection
from typing import Any, NamedTuple, get_args

from sqlalchemy import and_, select

from payment_service.kit.statements import Statement, param
from payment_service.model.customer import Customer, customers
from payment_service.model.invoice import Invoice, invoices
from payment_service.model.page import (
    Jumps,
    Span,
    Walk,
    among,
    given,
    in_span,
    newest_in_span,
    of_page,
    span_params,
    walk_of,
)
from payment_service.model.plan import Plan, plans
from payment_service.model.subscription import (
    WITH_ACCESS,
    WITHOUT_ACCESS,
    Status,
    Subscription,
    subscriptions,
)

_s = subscriptions.c
STATUSES: tuple[Status, ...] = get_args(Status)
_of_app = _s.app_id == param("app_id")
_of_plan = _s.plan_id == param("plan_id", _s.plan_id.type)
_of_customer = _s.customer_id == param("customer_id")
_paid_through = in_span(_s.paid_through)


def _in_each_status(run: Any) -> list[Any]:
    """An index holds the status between the run and the id."""
    return [and_(run, _s.status == one, among(one, "statuses")) for one in STATUSES]


OF_APP = walk_of(subscriptions, _in_each_status(_of_app))
OF_APP_PAID_THROUGH = walk_of(subscriptions, _in_each_status(_of_app), _paid_through)
OF_APP_DAYLESS = walk_of(
    subscriptions,
    [
        *(and_(_of_app, _s.status == one, among(one, "statuses")) for one in WITHOUT_ACCESS),
        and_(
            _of_app,
            _s.status.in_(WITH_ACCESS),
            _s.paid_through.is_(None),
            among("active", "statuses"),
        ),
    ],
)
"""Those for whom no last day comes: without access, or on a free plan."""
OF_PLAN = walk_of(subscriptions, _in_each_status(_of_plan))
OF_PLAN_PAID_THROUGH = walk_of(subscriptions, _in_each_status(_of_plan), _paid_through)
OF_CUSTOMER = walk_of(
    subscriptions,
    [_of_customer],
    among(_s.status, "statuses"),
    given(_s.plan_id, "plan_id"),
    _paid_through,
)
NEWEST_WITH_ACCESS = newest_in_span(_s.paid_through, _of_app, _s.status.in_(WITH_ACCESS))
NEWEST_WITHOUT_ACCESS = newest_in_span(
    _s.paid_through, _of_app, _s.status.in_(WITHOUT_ACCESS), _s.paid_through.is_not(None)
)


class Standing(NamedTuple):
    """A subscription with what stands around it. `next_plan` is what `next_plan_id` names."""

    subscription: Subscription
    customer: Customer
    plan: Plan
    open_invoice: Invoice | None
    next_plan: Plan | None


_next = plans.alias("next_plan")
_sizes = [len(one.__struct_fields__) for one in (Subscription, Customer, Plan, Invoice)]


def _standing(*row: Any) -> Standing:
    parts, start = [], 0
    for size in _sizes:
        parts.append(row[start : start + size])
        start += size
    subscription, customer, plan, invoice = parts
    following = row[start:]
    return Standing(
        Subscription(*subscription),
        Customer(*customer),
        Plan(*plan),
        Invoice(*invoice) if invoice[0] is not None else None,
        Plan(*following) if following[0] is not None else None,
    )


_open_invoice = and_(
    invoices.c.subscription_id == _s.id,
    invoices.c.status == "open",
    invoices.c.kind.in_(("first", "renewal")),
)
STANDING = Statement(
    of_page(
        select(*_s, *customers.c, *plans.c, *invoices.c, *_next.c).select_from(
            subscriptions.join(customers, customers.c.id == _s.customer_id)
            .join(plans, plans.c.id == _s.plan_id)
            .outerjoin(invoices, _open_invoice)
            .outerjoin(_next, _next.c.id == _s.next_plan_id)
        ),
        _s.id,
    ),
    _standing,
)


class SubscriptionFilter(NamedTuple):
    """What is asked for; None and empty where it does not matter. `is_dayless` leaves out, in a
    whole app, those who have a last day to come."""

    customer_id: str | None = None
    plan_id: str | None = None
    statuses: Collection[Status] = ()
    paid_through: Span | None = None
    is_dayless: bool = False


def walk_subscriptions(app_id: str, wanted: SubscriptionFilter) -> Walk:
    statuses = {"statuses": ",".join(wanted.statuses or STATUSES)}
    span = span_params(wanted.paid_through)
    if wanted.customer_id is not None:
        params = {"customer_id": wanted.customer_id, "plan_id": wanted.plan_id, **statuses, **span}
        return Walk(OF_CUSTOMER, params)
    if wanted.is_dayless:
        return Walk(OF_APP_DAYLESS, {"app_id": app_id, **statuses})
    of_plan = {"plan_id": wanted.plan_id, **statuses}
    of_app = {"app_id": app_id, **statuses}
    if wanted.paid_through is None:
        return Walk(OF_PLAN, of_plan) if wanted.plan_id else Walk(OF_APP, of_app)
    jumps = Jumps((NEWEST_WITH_ACCESS, NEWEST_WITHOUT_ACCESS), {"app_id": app_id, **span})
    if wanted.plan_id is not None:
        return Walk(OF_PLAN_PAID_THROUGH, of_plan | span, jumps)
    return Walk(OF_APP_PAID_THROUGH, of_app | span, jumps)

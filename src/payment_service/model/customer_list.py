"""Lists of customers, newest first."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import UnaryExpression, asc, case, desc, func, select

from payment_service.kit.schema import Number
from payment_service.kit.statements import Statement, param, query, rows_of
from payment_service.model.credit import credit_entries
from payment_service.model.customer import Customer, customers
from payment_service.model.page import BothWays, Seen, Walk, of_page, walk_of

CUSTOMERS_OF_APP = walk_of(customers, [customers.c.app_id == param("app_id")])
CUSTOMERS_LISTED = query(of_page(rows_of(Customer), customers.c.id), Customer)
_e = credit_entries.c


def _owed(towards: Callable[[Any], UnaryExpression[Any]]) -> Statement[Seen]:
    """Those who ever had credit, in the order of their ids; one fits who has some left."""
    fits = case((func.sum(_e.amount) > 0, 1), else_=0)
    return query(
        select(_e.customer_id.label("id"), fits.label("fits"))
        .where(
            _e.app_id == param("app_id"),
            _e.customer_id < param("before"),
            _e.customer_id >= param("floor"),
        )
        .group_by(_e.customer_id)
        .order_by(towards(_e.customer_id))
        .limit(param("window", Number)),
        Seen,
    )


CUSTOMERS_OWED = BothWays(_owed(desc), _owed(asc))


def walk_customers(app_id: str, *, is_owed: bool = False) -> Walk:
    """With `is_owed` only those who have credit."""
    return Walk(CUSTOMERS_OWED if is_owed else CUSTOMERS_OF_APP, {"app_id": app_id})

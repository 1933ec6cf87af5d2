"""Lists of customers, newest first."""

from payment_service.kit.statements import param, query, rows_of
from payment_service.model.customer import Customer, customers
from payment_service.model.page import Walk, of_page, walk_of

CUSTOMERS_OF_APP = walk_of(customers, [customers.c.app_id == param("app_id")])
CUSTOMERS_LISTED = query(of_page(rows_of(Customer), customers.c.id), Customer)


def walk_customers(app_id: str) -> Walk:
    return Walk(CUSTOMERS_OF_APP, {"app_id": app_id})

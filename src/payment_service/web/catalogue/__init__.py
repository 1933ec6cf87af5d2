"""Every code that a refusal can carry: its status, what it means, and what to do."""

from payment_service.web.catalogue.apps import APPS
from payment_service.web.catalogue.code import Code, Group
from payment_service.web.catalogue.customers import CUSTOMERS
from payment_service.web.catalogue.dashboard import DASHBOARD
from payment_service.web.catalogue.every_call import EVERY_CALL
from payment_service.web.catalogue.invoices import INVOICES
from payment_service.web.catalogue.keys import KEYS
from payment_service.web.catalogue.lists import LISTS
from payment_service.web.catalogue.payers import PAYERS
from payment_service.web.catalogue.plans import PLANS
from payment_service.web.catalogue.subscriptions import SUBSCRIPTIONS
from payment_service.web.catalogue.terminal import TERMINAL
from payment_service.web.catalogue.test_apps import TEST_APPS
from payment_service.web.catalogue.webhooks import WEBHOOKS

GROUPS = (
    EVERY_CALL,
    LISTS,
    KEYS,
    PLANS,
    CUSTOMERS,
    SUBSCRIPTIONS,
    INVOICES,
    APPS,
    WEBHOOKS,
    TEST_APPS,
    PAYERS,
    DASHBOARD,
    TERMINAL,
)
CODES = {code.name: code for group in GROUPS for code in group.codes}

__all__ = ["CODES", "GROUPS", "Code", "Group"]

"""The calls of the blocking face, by the thing they are about."""

import threading
from collections.abc import Iterable, Iterator
from datetime import date

from payment_service_client.asking import Group, asks, walks
from payment_service_client.calls import (
    app,
    customers,
    invoices,
    plans,
    subscriptions,
    test_apps,
    webhooks,
)
from payment_service_client.errors import PaymentServiceError
from payment_service_client.events import Event
from payment_service_client.following import following


class Plans(Group):
    create = asks(plans.create)
    list = asks(plans.listed)
    get = asks(plans.get)
    edit = asks(plans.edit)
    all = walks(plans.listed)


class Customers(Group):
    create = asks(customers.create)
    list = asks(customers.listed)
    get = asks(customers.get)
    edit = asks(customers.edit)
    credit = asks(customers.credit)
    refund = asks(customers.refund)
    forget = asks(customers.forget)
    all = walks(customers.listed)
    all_credit_entries = walks(customers.credit)


class Subscriptions(Group):
    create = asks(subscriptions.create)
    list = asks(subscriptions.listed)
    get = asks(subscriptions.get)
    edit = asks(subscriptions.edit)
    cancel = asks(subscriptions.cancel)
    undo_cancel = asks(subscriptions.undo_cancel)
    change_plan = asks(subscriptions.change_plan)
    pay_ahead = asks(subscriptions.pay_ahead)
    suspend = asks(subscriptions.suspend)
    resume = asks(subscriptions.resume)
    extend = asks(subscriptions.extend)
    move = asks(subscriptions.move)
    access_pass = asks(subscriptions.access_pass)
    all = walks(subscriptions.listed)


class Invoices(Group):
    create = asks(invoices.create)
    list = asks(invoices.listed)
    get = asks(invoices.get)
    edit = asks(invoices.edit)
    qris = asks(invoices.qris)
    mark_paid = asks(invoices.mark_paid)
    void = asks(invoices.void)
    charges = asks(invoices.charges)
    payments = asks(invoices.payments)
    all = walks(invoices.listed)
    all_charges = walks(invoices.charges)
    all_payments = walks(invoices.payments)


class Charges(Group):
    get = asks(invoices.charge)


class Payments(Group):
    list = asks(invoices.payments_listed)
    get = asks(invoices.payment)
    all = walks(invoices.payments_listed)


class TheApp(Group):
    get = asks(app.get)
    edit = asks(app.edit)


class Keys(Group):
    create = asks(app.create_key)
    list = asks(app.keys)
    get = asks(app.key)
    roll = asks(app.roll_key)
    revoke = asks(app.revoke_key)
    all = walks(app.keys)


class WebhookEndpoints(Group):
    create = asks(webhooks.create_endpoint)
    list = asks(webhooks.endpoints)
    get = asks(webhooks.endpoint)
    edit = asks(webhooks.edit_endpoint)
    delete = asks(webhooks.delete_endpoint)
    roll_secret = asks(webhooks.roll_endpoint_secret)
    test = asks(webhooks.send_test)
    resend_since = asks(webhooks.resend_since)
    resend_failed = asks(webhooks.resend_failed)
    deliveries = asks(webhooks.deliveries)
    all = walks(webhooks.endpoints)
    all_deliveries = walks(webhooks.deliveries)


class Deliveries(Group):
    get = asks(webhooks.delivery)
    resend = asks(webhooks.resend_delivery)


class TestApps(Group):
    clock = asks(test_apps.clock)
    advance_clock = asks(test_apps.advance_clock)
    set_payer = asks(test_apps.set_payer)
    pay = asks(test_apps.pay)
    timeline = asks(test_apps.timeline)


class Events(Group):
    list = asks(webhooks.events)
    get = asks(webhooks.event)
    all = walks(webhooks.events)

    def follow(
        self,
        *,
        after: int = 0,
        types: Iterable[str] | None = None,
        customer: str | None = None,
        subscription: str | None = None,
        created_from: date | None = None,
        created_to: date | None = None,
        wait: int = 20,
        stop: threading.Event | None = None,
    ) -> Iterator[Event]:
        """Every event after that position, and then each as it happens, without end: it outlives a
        service that is away, and raises only what would not pass. Keep the `position` of the last
        one you dealt with, and go on from there. Once `stop` is set it ends, after `wait` seconds
        at the latest."""
        stop = stop or threading.Event()
        call = following(
            after=after,
            types=types,
            customer=customer,
            subscription=subscription,
            created_from=created_from,
            created_to=created_to,
            wait=wait,
        )
        while not stop.is_set():
            try:
                page = self._sender.send(call, stop)
            except PaymentServiceError:
                if stop.is_set():
                    return
                raise
            yield from page.data
            call = call.after(page.next_after)

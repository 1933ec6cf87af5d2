"""The same calls of the face that waits."""

from collections.abc import AsyncIterator, Iterable
from datetime import date

from payment_service_client.asking import AsyncGroup, asks, walks
from payment_service_client.calls import (
    app,
    customers,
    invoices,
    plans,
    subscriptions,
    test_apps,
    webhooks,
)
from payment_service_client.events import Event
from payment_service_client.following import following


class AsyncPlans(AsyncGroup):
    create = asks(plans.create)
    list = asks(plans.listed)
    get = asks(plans.get)
    edit = asks(plans.edit)
    all = walks(plans.listed)


class AsyncCustomers(AsyncGroup):
    create = asks(customers.create)
    list = asks(customers.listed)
    get = asks(customers.get)
    edit = asks(customers.edit)
    credit = asks(customers.credit)
    refund = asks(customers.refund)
    forget = asks(customers.forget)
    all = walks(customers.listed)
    all_credit_entries = walks(customers.credit)


class AsyncSubscriptions(AsyncGroup):
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


class AsyncInvoices(AsyncGroup):
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


class AsyncCharges(AsyncGroup):
    get = asks(invoices.charge)


class AsyncPayments(AsyncGroup):
    list = asks(invoices.payments_listed)
    get = asks(invoices.payment)
    all = walks(invoices.payments_listed)


class AsyncTheApp(AsyncGroup):
    get = asks(app.get)
    edit = asks(app.edit)


class AsyncKeys(AsyncGroup):
    create = asks(app.create_key)
    list = asks(app.keys)
    get = asks(app.key)
    roll = asks(app.roll_key)
    revoke = asks(app.revoke_key)
    all = walks(app.keys)


class AsyncWebhookEndpoints(AsyncGroup):
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


class AsyncDeliveries(AsyncGroup):
    get = asks(webhooks.delivery)
    resend = asks(webhooks.resend_delivery)


class AsyncTestApps(AsyncGroup):
    clock = asks(test_apps.clock)
    advance_clock = asks(test_apps.advance_clock)
    set_payer = asks(test_apps.set_payer)
    pay = asks(test_apps.pay)
    timeline = asks(test_apps.timeline)


class AsyncEvents(AsyncGroup):
    list = asks(webhooks.events)
    get = asks(webhooks.event)
    all = walks(webhooks.events)

    async def follow(
        self,
        *,
        after: int = 0,
        types: Iterable[str] | None = None,
        customer: str | None = None,
        subscription: str | None = None,
        created_from: date | None = None,
        created_to: date | None = None,
        wait: int = 20,
    ) -> AsyncIterator[Event]:
        """Every event after that position, and then each as it happens, without end: it outlives a
        service that is away, and raises only what would not pass. Keep the `position` of the last
        one you dealt with, and go on from there. To end it, cancel the task that follows."""
        call = following(
            after=after,
            types=types,
            customer=customer,
            subscription=subscription,
            created_from=created_from,
            created_to=created_to,
            wait=wait,
        )
        while True:
            page = await self._sender.send(call)
            for one in page.data:
                yield one
            call = call.after(page.next_after)

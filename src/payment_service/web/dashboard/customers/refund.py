"""Booking that a customer was paid back what it is owed."""

from starlette.responses import Response

from payment_service.actions.refund_credit import refund_credit
from payment_service.kit.money import rupiah
from payment_service.kit.statements import Transaction
from payment_service.resources import RefundResource
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.customers.subject import ALL, subject_of
from payment_service.web.dashboard.rupiah_text import rupiah_in


async def show_refund(ask: Ask) -> Response:
    return ask.page("customers/refund.html", subject=await ask.read(subject_of, ask))


async def refund(ask: Ask) -> Response:
    amount = rupiah_in(ask.text("amount"))
    reference, by = ask.text("reference"), ask.by(ask.text("note"))

    def unit(tx: Transaction) -> RefundResource:
        subject = subject_of(tx, ask)
        return refund_credit(
            tx,
            subject.app.id,
            subject.customer.id,
            amount=amount,
            reference=reference,
            by=by,
            now=subject.app.at(ask.now),
        )

    done = await ask.write(unit)
    return ask.go(f"{ALL}/{done.customer_id}", "credit_refunded", amount=rupiah(done.amount))

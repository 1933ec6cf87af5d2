"""The operations on a test app's clock and its payers."""

from payment_service.rehearsal.told import Span
from payment_service.resources import InvoiceResource
from payment_service.resources.timeline import written
from payment_service.web.api.test_clock import ClockAnswer, PayerAnswer, TimelineAnswer
from payment_service.web.reference.examples import CLOCK, ENTRY
from payment_service.web.reference.invoices import CODE
from payment_service.web.reference.operation import Operation, Operations, Shown, one

TEXT = written([ENTRY], CLOCK.zone)

TEST_APPS: Operations = {
    "POST /v1/test/clock": Operation(
        id="advanceClock",
        scope="write",
        answers={
            200: one(Span, "What happened on the way, in order."),
            202: one(ClockAnswer, "It takes longer and goes on; the clock tells how far it is."),
        },
        codes=(
            "test_only",
            "simulator_needed",
            "clock_backwards",
            "clock_too_far",
            "clock_advancing",
        ),
        body={"advance_to": "2027-11-22"},
    ),
    "GET /v1/test/clock": Operation(
        id="getClock",
        scope="write",
        answers={200: one(ClockAnswer, "Where the clock stands.")},
        codes=("test_only",),
    ),
    "PUT /v1/test/subscriptions/{subscription_id}/payer": Operation(
        id="setPayer",
        scope="write",
        answers={200: one(PayerAnswer, "The habit, as it is now.")},
        codes=("test_only", "simulator_needed"),
        body={"habit": "pays_late"},
    ),
    "POST /v1/test/invoices/{invoice_id}/pay": Operation(
        id="payInvoice",
        scope="write",
        answers={200: one(InvoiceResource, "The invoice, settled.")},
        codes=(*CODE, "test_only", "simulator_needed", "clock_advancing", "payment_on_its_way"),
        body={"periods": 1},
    ),
    "GET /v1/test/subscriptions/{subscription_id}/timeline": Operation(
        id="getTimeline",
        scope="write",
        answers={200: Shown(TimelineAnswer, "What happened, in order.", text=TEXT)},
        codes=("test_only",),
    ),
}

"""One tenant's story in examples: each shape as it looks in an answer."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec

from payment_service.model.app import Seller
from payment_service.model.invoice import Line
from payment_service.rehearsal.told import Span, Stand
from payment_service.resources import (
    AppResource,
    CreditResource,
    CustomerOfSubscription,
    CustomerResource,
    InvoiceResource,
    KeyResource,
    NewKeyResource,
    PassResource,
    PlanChangeResource,
    PlanOfSubscription,
    PlanResource,
    ReminderResource,
    ReminderText,
    SubscriptionResource,
    with_pass,
)
from payment_service.resources.apps import GatewayOfApp
from payment_service.resources.passes import KeySetResource, PublicKeyResource
from payment_service.resources.timeline import AdvanceEntry, TimelineEntry
from payment_service.web.api.test_clock import ClockAnswer, PayerAnswer, TimelineAnswer
from payment_service.web.reference.example_ids import (
    APP_ID,
    BEGUN,
    CUSTOMER_ID,
    INVOICE_ID,
    INVOICE_URL,
    KEY_ID,
    PAY_URL,
    PLAN_ID,
    SUBSCRIPTION_ID,
    UPGRADE_ID,
)
from payment_service.web.reference.example_money import (
    CHARGE,
    CREDIT_ENTRY,
    PAYMENT,
    QRIS,
    REFUND,
)
from payment_service.web.reference.heard import heard_examples

CUSTOMER = CustomerResource(
    id=CUSTOMER_ID,
    reference="tenant-42",
    name="Bengkel Jaya",
    email="halo@bengkeljaya.example",
    phone="0812-0000-0042",
    metadata={},
    forgotten=False,
    created_at=BEGUN,
)
APP = AppResource(
    id=APP_ID,
    name="BukuBengkel",
    mode="live",
    zone="Asia/Jakarta",
    invoice_prefix="BB",
    gateway=GatewayOfApp("pakasir", "v2", "bukubengkel", True, True),
    grace_days=7,
    renewal_lead_days=7,
    pending_timeout_hours=72,
    cancel_after_days=60,
    reminder_days=(-7, -3, -1, 0, 3),
    reminder_time="09:00",
    many_subscriptions=False,
    return_origins=("https://app.bukubengkel.example",),
    seller=Seller(name="BukuBengkel"),
    color="#27439b",
    metadata={},
    created_at=BEGUN,
)
PLAN = PlanResource(
    id=PLAN_ID,
    code="bulanan",
    name="Bulanan",
    price=99_000,
    months=1,
    trial_days=0,
    grace_days=None,
    late_payment="grace_then_payment_day",
    prices_ahead={"12": 990_000},
    features={"users": 5},
    metadata={},
    archived=False,
    created_at=BEGUN,
)
INVOICE = InvoiceResource(
    id=INVOICE_ID,
    number="BB-2026-000001",
    kind="first",
    status="open",
    customer_id=CUSTOMER_ID,
    customer_reference="tenant-42",
    subscription_id=SUBSCRIPTION_ID,
    lines=(Line("Bulanan", 99_000),),
    total=99_000,
    credit_applied=0,
    amount_due=99_000,
    period_start=date(2026, 11, 23),
    period_end=date(2026, 12, 22),
    issued_on=date(2026, 11, 23),
    due_on=date(2026, 11, 26),
    paid_at=None,
    voided_at=None,
    void_reason=None,
    pay_url=INVOICE_URL,
    metadata={},
    created_at=BEGUN,
)
SUBSCRIPTION = SubscriptionResource(
    id=SUBSCRIPTION_ID,
    customer=CustomerOfSubscription(CUSTOMER_ID, "tenant-42", "Bengkel Jaya"),
    plan=PlanOfSubscription(PLAN_ID, "bulanan", "Bulanan", {"users": 5}),
    status="pending",
    access=False,
    reason=None,
    price=99_000,
    months=1,
    paid_through=None,
    grace_until=None,
    cancel_at_period_end=False,
    pending_change=None,
    seq=1,
    pay_url=PAY_URL,
    return_url=None,
    open_invoice=INVOICE,
    metadata={},
    created_at=BEGUN,
)
ACTIVE = msgspec.structs.replace(
    SUBSCRIPTION,
    status="active",
    access=True,
    paid_through=date(2026, 12, 22),
    seq=2,
    open_invoice=None,
)
SIGNED = "eyJhbGciOiJFZERTQSIsImtpZCI6ImtleV8wMSJ9.eyJzdWIiOiJ0ZW5hbnQtNDIi….kT0x9v…"
NEWS = with_pass(SUBSCRIPTION, SIGNED)
ACTIVE_NEWS = with_pass(ACTIVE, SIGNED)
UPGRADE = msgspec.structs.replace(
    INVOICE,
    id=UPGRADE_ID,
    number="BB-2026-000019",
    kind="upgrade",
    lines=(Line("Tahunan", 990_000), Line("Sisa Bulanan, 20 hari", -66_000)),
    total=924_000,
    amount_due=924_000,
    period_start=date(2026, 12, 2),
    period_end=date(2027, 12, 1),
    issued_on=date(2026, 12, 2),
    due_on=date(2026, 12, 2),
    created_at=datetime(2026, 12, 2, 3, 12, 40, 91177, UTC),
)
REMINDER = ReminderResource(
    invoice=INVOICE,
    customer_reference="tenant-42",
    days_from_due=-1,
    text=ReminderText(
        id="Halo Bengkel Jaya, tagihan BB-2026-000001 untuk Bulanan sebesar Rp99.000 jatuh tempo "
        f"pada 26 November 2026. Bayar dengan QRIS: {INVOICE_URL}",
        en="Hello Bengkel Jaya, invoice BB-2026-000001 for Bulanan of Rp99.000 is due on "
        f"26 November 2026. Pay by QRIS: {INVOICE_URL}",
    ),
)
CLOCK = Stand(
    now=datetime(2027, 11, 22, 5, 0, tzinfo=UTC),
    today=date(2027, 11, 22),
    zone="Asia/Jakarta",
    offset_seconds=31_536_000,
    advance_to=date(2027, 11, 22),
    advanced_from=date(2026, 11, 22),
    status="standing",
)
BROUGHT = AdvanceEntry(
    day=date(2026, 12, 24),
    at=datetime(2026, 12, 23, 18, 0, tzinfo=UTC),
    type="subscription.grace_started",
    about=SUBSCRIPTION_ID,
    says="grace, paid through 2026-12-23, grace until 2026-12-30",
)
ENTRY = TimelineEntry(
    **{**msgspec.structs.asdict(BROUGHT), "about": "subscription"}, webhooks=("delivered",)
)
KEY = KeyResource(
    id=KEY_ID,
    name="staging server",
    start="psk_test_4VY",
    last4="Q2tc",
    scopes=("read",),
    status="active",
    created_at=BEGUN,
    expires_at=None,
    last_used_at=None,
    revoked_at=None,
    metadata={},
)

EXAMPLES: dict[type, Any] = {
    type(example): example
    for example in (
        APP,
        CUSTOMER,
        PLAN,
        SUBSCRIPTION,
        NEWS,
        PassResource(SIGNED, datetime(2026, 11, 25, 22, 1, 9, tzinfo=UTC)),
        KeySetResource([PublicKeyResource("key_01m82kms", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMl…")]),
        INVOICE,
        PAYMENT,
        CHARGE,
        QRIS,
        CREDIT_ENTRY,
        CreditResource(CUSTOMER_ID, 99_000, [CREDIT_ENTRY], has_more=False, next_after=None),
        REFUND,
        REMINDER,
        PlanChangeResource(ACTIVE, UPGRADE),
        CLOCK,
        ClockAnswer(CLOCK),
        Span(CLOCK, {"subscription.grace_started": 1}, [BROUGHT], more_events=False),
        KEY,
        NewKeyResource(**{**msgspec.structs.asdict(KEY), "secret": "psk_test_4VYxn3N3…Q2tc"}),
        PayerAnswer(SUBSCRIPTION_ID, "pays_late"),
        TimelineAnswer([ENTRY]),
    )
} | heard_examples(ACTIVE_NEWS)


def written(example: Any) -> Any:
    """As it stands in JSON."""
    return msgspec.to_builtins(example)

"""All tables of the service, for comparing and for writing the next migration."""

from typing import Any, Literal

from sqlalchemy import BigInteger

from payment_service.kit.schema import Flag, Instant, Json, LocalDate, metadata
from payment_service.model import (
    admin,
    alert,
    answer,
    app,
    attempt,
    audit,
    billing_run,
    channel,
    charge,
    clock_advance,
    credit,
    customer,
    customer_word,
    daily_total,
    delivery,
    draft,
    endpoint,
    entrance,
    event,
    fact,
    invoice,
    key,
    logo,
    money_check,
    notice,
    passkey,
    payer,
    payment,
    plan,
    plan_holding,
    recovery_code,
    resend,
    review,
    session,
    sign_in_try,
    signing_key,
    spent,
    subscription,
)
from payment_service.outside import call_pace
from payment_service.outside.simulator import codes

__all__ = ["metadata", "render_type"]

NOUNS = (
    admin, alert, answer, app, attempt, audit, billing_run, channel, charge, clock_advance,
    credit, customer, customer_word, daily_total, delivery, draft, endpoint, entrance, event, fact,
    invoice, key, logo, money_check, notice, passkey, payer, payment, plan, plan_holding,
    recovery_code, resend, review, session, sign_in_try, signing_key, spent, subscription,
    call_pace, codes,
)  # fmt: skip
"""Each of these adds its tables to the metadata, or an index of theirs, when it is imported."""


def render_type(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """Column types as the migrations write them."""
    if kind != "type":
        return False
    if isinstance(item, Json):
        return "sa.Text()"
    if isinstance(item, BigInteger):
        return "Number"
    if isinstance(item, Instant | LocalDate | Flag):
        return f"{type(item).__name__}()"
    return False

"""The operations on subscriptions."""

from payment_service.resources import (
    PassResource,
    PlanChangeResource,
    QrisResource,
    SubscriptionResource,
)
from payment_service.web.reference.invoices import CODE
from payment_service.web.reference.operation import Operation, Operations, one, page_of

AS_IT_STANDS = {200: one(SubscriptionResource, "The subscription as it stands.")}
SOLD = ("unknown_plan", "plan_archived", "subscription_pending")

SUBSCRIPTIONS: Operations = {
    "POST /v1/subscriptions": Operation(
        id="createSubscription",
        scope="write",
        answers={
            201: one(SubscriptionResource, "The subscription, with what is to be paid for it."),
            200: one(SubscriptionResource, "The subscription that was there, not paid yet."),
        },
        codes=(
            *SOLD,
            "already_subscribed",
            "return_url_not_allowed",
            "metadata_too_large",
            "metadata_too_deep",
            "customer_metadata_too_large",
            "customer_metadata_too_deep",
        ),
        body={"customer": {"reference": "tenant-42", "name": "Bengkel Jaya"}, "plan": "bulanan"},
    ),
    "GET /v1/subscriptions": Operation(
        id="listSubscriptions",
        scope="read",
        answers={200: page_of(SubscriptionResource, "Subscriptions, newest first.")},
        codes=("date_range",),
    ),
    "GET /v1/subscriptions/{subscription_id}": Operation(
        id="getSubscription",
        scope="read",
        answers={200: one(SubscriptionResource, "The subscription.")},
    ),
    "PATCH /v1/subscriptions/{subscription_id}": Operation(
        id="updateSubscription",
        scope="write",
        answers={200: one(SubscriptionResource, "The subscription as it is now.")},
        codes=("return_url_not_allowed", "metadata_too_large", "metadata_too_deep"),
        body={"metadata": {"branch": "Kebumen"}},
    ),
    "GET /v1/subscriptions/{subscription_id}/pass": Operation(
        id="getAccessPass",
        scope="read",
        answers={200: one(PassResource, "The pass, signed now.")},
    ),
    "POST /v1/subscriptions/{subscription_id}/cancel": Operation(
        id="cancelSubscription",
        scope="write",
        answers=AS_IT_STANDS,
        codes=("subscription_state", "cancellation_scheduled"),
        body={"at": "period_end"},
    ),
    "POST /v1/subscriptions/{subscription_id}/undo-cancel": Operation(
        id="undoCancellation",
        scope="write",
        answers=AS_IT_STANDS,
        codes=("subscription_state", "cancellation_not_scheduled"),
    ),
    "POST /v1/subscriptions/{subscription_id}/change-plan": Operation(
        id="changePlan",
        scope="write",
        answers={200: one(PlanChangeResource, "The subscription, and the invoice of an upgrade.")},
        codes=(
            *SOLD,
            "subscription_state",
            "cancellation_scheduled",
            "same_plan",
            "not_an_upgrade",
        ),
        body={"plan": "tahunan", "at": "now"},
    ),
    "POST /v1/subscriptions/{subscription_id}/pay-ahead": Operation(
        id="payAhead",
        scope="write",
        answers={200: one(QrisResource, "The code that pays for so many periods.")},
        codes=(*CODE, "nothing_to_pay_ahead"),
        body={"periods": 12},
    ),
    "POST /v1/subscriptions/{subscription_id}/suspend": Operation(
        id="suspendSubscription",
        scope="admin",
        answers=AS_IT_STANDS,
        codes=("reason_missing", "subscription_state", "suspended_already"),
        body={"reason": "Abuse, ticket 118"},
    ),
    "POST /v1/subscriptions/{subscription_id}/resume": Operation(
        id="resumeSubscription",
        scope="admin",
        answers=AS_IT_STANDS,
        codes=("reason_missing", "not_suspended_by_hand", "cancellation_due"),
        body={"reason": "Ticket 118 is settled"},
    ),
    "POST /v1/subscriptions/{subscription_id}/extend": Operation(
        id="extendSubscription",
        scope="admin",
        answers=AS_IT_STANDS,
        codes=(
            "reason_missing",
            "extension_days",
            "subscription_state",
            "no_paid_days",
            "extension_too_short",
            "period_paid",
        ),
        body={"days": 7, "reason": "Outage of 20 November"},
    ),
    "POST /v1/subscriptions/{subscription_id}/move": Operation(
        id="moveSubscription",
        scope="admin",
        answers=AS_IT_STANDS,
        codes=(
            "reason_missing",
            "paid_through",
            "subscription_state",
            "no_paid_days",
            "period_paid",
        ),
        body={"paid_through": "2027-01-31", "reason": "All of them on the last"},
    ),
}

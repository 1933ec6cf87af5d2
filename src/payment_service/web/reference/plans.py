"""The operations on plans."""

from payment_service.resources import PlanResource
from payment_service.web.reference.operation import Operation, Operations, one, page_of

BOUNDS = (
    "name_length",
    "plan_grace_days",
    "price_below_limit",
    "price_above_limit",
    "price_ahead",
    "metadata_too_large",
    "metadata_too_deep",
    "features_too_large",
    "features_too_deep",
)

PLANS: Operations = {
    "POST /v1/plans": Operation(
        id="createPlan",
        scope="write",
        answers={201: one(PlanResource, "The plan.")},
        codes=("plan_code", "plan_code_taken", "plan_months", "plan_trial_days", *BOUNDS),
        body={
            "code": "bulanan",
            "name": "Bulanan",
            "price": 99_000,
            "months": 1,
            "trial_days": 14,
            "prices_ahead": {"12": 990_000},
            "features": {"users": 5},
        },
    ),
    "GET /v1/plans": Operation(
        id="listPlans",
        scope="read",
        answers={200: page_of(PlanResource, "Plans, newest first.")},
        codes=("date_range",),
    ),
    "GET /v1/plans/{plan_id}": Operation(
        id="getPlan",
        scope="read",
        answers={200: one(PlanResource, "The plan.")},
    ),
    "PATCH /v1/plans/{plan_id}": Operation(
        id="updatePlan",
        scope="write",
        answers={200: one(PlanResource, "The plan as it is now.")},
        codes=("plan_free_or_not", "reason_missing", *BOUNDS),
        body={"name": "Bulanan", "price": 119_000},
    ),
}

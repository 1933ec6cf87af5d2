"""The operations on the app itself."""

from payment_service.resources import AppResource
from payment_service.web.reference.operation import Operation, Operations, one

THE_APP: Operations = {
    "GET /v1/app": Operation(
        id="getApp",
        scope="read",
        answers={200: one(AppResource, "The app.")},
    ),
    "PATCH /v1/app": Operation(
        id="updateApp",
        scope="admin",
        answers={200: one(AppResource, "The app as it is now.")},
        codes=(
            "reason_missing",
            "name_length",
            "unknown_zone",
            "zone_is_fixed",
            "invoice_prefix",
            "prefix_is_fixed",
            "billing_setting",
            "reminder_days",
            "reminder_time",
            "origin_with_path",
            "url_not_allowed",
            "metadata_too_large",
            "metadata_too_deep",
        ),
        body={"grace_days": 10, "reason": "Holidays"},
    ),
}

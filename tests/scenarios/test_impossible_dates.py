"""Dates, days, zones and plans that cannot be: refused with a sentence, and nothing changed."""

from typing import Any

import pytest

from payment_service.actions.register_app import Registration
from payment_service.kit.errors import Invalid
from tests.invariants import row_counts
from tests.scenarios.renewals import starts
from tests.story import Story, Tenant, register

WHY = {"reason": "Tiket 118"}
PLAN = {"code": "baru", "name": "Baru", "price": 99_000, "months": 1}
ONE_OFF = {
    "customer": {"reference": "tenant-42"},
    "lines": [{"description": "Alat", "amount": 5_000}],
}
NO_DATES = ("2026-02-29", "2026-02-30", "2026-13-01", "0000-01-01", "besok", "", 20260301, True)
PATHS = {
    "move": "/v1/subscriptions/{subscription}/move",
    "extend": "/v1/subscriptions/{subscription}/extend",
    "change": "/v1/subscriptions/{subscription}/change-plan",
    "plan": "/v1/plans",
    "one-off": "/v1/invoices",
    "mark": "/v1/invoices/{invoice}/mark-paid",
}
REFUSED: list[tuple[str, dict[str, Any], int]] = [
    *(("move", {"paid_through": day, **WHY}, 422) for day in NO_DATES),
    *(("one-off", {**ONE_OFF, "due_on": day}, 422) for day in NO_DATES),
    *(
        ("mark", {"reference": "BCA 1", "note": "tunai", "paid_on": day}, 422)
        for day in (*NO_DATES, "2026-01-30", "2026-02-01", "9999-12-31")
    ),
    ("move", {"paid_through": "2026-01-30", **WHY}, 422),
    ("one-off", {**ONE_OFF, "due_on": "2026-01-30"}, 422),
    *(("extend", {"days": days, **WHY}, 422) for days in (-1, -366, 0, 1.5, "7", 10**30)),
    *(("plan", {**PLAN, "months": months}, 422) for months in (0, -1, 37, 1.0, "1", None)),
    *(("plan", {**PLAN, "trial_days": days}, 422) for days in (-1, 366)),
    *(("plan", {**PLAN, "grace_days": days}, 422) for days in (-1, 91)),
    ("plan", {**PLAN, "late_payment": "never"}, 422),
    *(("change", {"plan": "bulanan", "at": when}, 409) for when in ("renewal", "now")),
    ("change", {"plan": "mingguan"}, 422),
    ("change", {"plan": "tahunan", "at": "2026-02-30"}, 422),
]


async def test_what_cannot_be_is_refused_and_nothing_changes(
    story: Story, database_url: str
) -> None:
    await story.app()
    tenant = await starts(story)
    other = await story.subscribe("Bengkel Maju", "bulanan")
    admin = await story.admin()
    named = {"subscription": tenant.id, "invoice": other.first_answer["open_invoice"]["id"]}
    before = await _all_there_is(tenant, other, database_url)
    for deed, body, status in REFUSED:
        answer = await admin.asks("POST", PATHS[deed].format(**named), body)
        assert answer.status == status, (deed, body, answer.body)
        assert len(answer.json["detail"]) > 20, "a sentence"
        assert "traceback" not in answer.json["detail"].lower()
    assert await _all_there_is(tenant, other, database_url) == before


async def _all_there_is(tenant: Tenant, other: Tenant, database_url: str) -> list[Any]:
    return [row_counts(database_url), await tenant.subscription(), await other.subscription()]


async def test_an_app_lives_in_one_of_three_zones(story: Story, database_url: str) -> None:
    before = row_counts(database_url)
    for zone in ("UTC", "Asia/Singapore", "asia/jakarta", "", "WIB", "+07:00"):
        wanted = Registration(name="BukuBengkel", mode="test", zone=zone)
        with pytest.raises(Invalid, match="Asia/Jakarta, Asia/Makassar, Asia/Jayapura"):
            await register(story.service, wanted)
    assert row_counts(database_url) == before

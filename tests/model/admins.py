"""An admin to try rules on."""

from datetime import UTC, datetime

from payment_service.model.admin import Admin

ADMIN = Admin(
    id="adm_1",
    name="Sari Wulandari",
    email="sari@bengkel.id",
    role="owner",
    password_hash=None,
    totp_seed=None,
    totp_step=0,
    code_hash=None,
    code_until=None,
    signed_in_at=None,
    disabled_at=None,
    created_at=datetime(2026, 1, 31, tzinfo=UTC),
    version=1,
)

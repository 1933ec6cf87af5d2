"""Codes of an app's API keys."""

from payment_service.web.catalogue.code import Code, Group

KEYS = Group(
    "Keys",
    "Of `/v1/keys`, and of the command `key`.",
    (
        Code("key_not_found", 404, "Your app has no key with this id.", "Check the id."),
        Code("key_scopes", 422, "Not some of `read`, `write` and `admin`.", "Correct the scopes."),
        Code(
            "key_expiry", 422, "`expires_at` is over.", "Name an instant to come, or leave it out."
        ),
        Code(
            "key_overlap",
            422,
            "The old key cannot end after so many seconds.",
            "Say 0, 3600, 86400 or 604800.",
        ),
        Code(
            "key_over",
            409,
            "A key that is revoked or expired is not rolled.",
            "Make a new one.",
            members=("id",),
        ),
    ),
)

"""Codes that admins meet, on the pages of the dashboard or from `payment-service admin`."""

from payment_service.web.catalogue.code import Code, Group

DASHBOARD = Group(
    "In the dashboard",
    "Pages tell these in the reader's language; apps do not meet them.",
    (
        Code("role_missing", 403, "The admin's role may not do this.", "Ask an owner."),
        Code(
            "sent_twice",
            409,
            "The form was sent before; what it asked for was done then.",
            "Look at the page.",
        ),
        Code("form_text", 422, "A field holds a NUL character.", "Leave it out."),
        Code("busy", 503, "Too many sign in at this moment.", "Try again."),
        Code("password_short", 422, "Under 15 characters.", "Take several words."),
        Code("password_long", 422, "Over 128 characters.", "Shorten it."),
        Code("password_weak", 422, "It is easily guessed.", "Take four or more unrelated words."),
        Code(
            "password_first",
            409,
            "A second factor was sent before a password was chosen.",
            "Choose a password.",
        ),
        Code(
            "totp_code",
            422,
            "The authenticator app shows another code.",
            "Type the one that it shows now.",
        ),
        Code("passkey_refused", 422, "The browser made no passkey.", "Try once more."),
        Code("passkey_known", 409, "The passkey is registered already.", "Use it."),
        Code("passkeys_enough", 409, "The admin has ten passkeys.", "Remove one first."),
        Code("passkey_not_found", 404, "The passkey has been removed.", "Leave it."),
        Code("last_factor", 409, "It is the only second factor.", "Set up another one first."),
        Code("session_not_found", 404, "The session has ended.", "Leave it."),
        Code("admin_not_found", 404, "There is no such admin.", "Check with `admin list`."),
        Code("admin_email", 422, "It is no email address.", "Correct it."),
        Code("admin_email_taken", 409, "An admin has this email.", "Use that one."),
        Code("admin_name", 422, "A name has 1 to 80 characters.", "Correct it."),
        Code("admin_role", 422, "A role is `owner`, `finance` or `viewer`.", "Choose one."),
        Code(
            "admin_changed",
            409,
            "Another admin changed this one meanwhile.",
            "Look, and decide again.",
            members=("id",),
        ),
        Code("admin_disabled", 409, "The admin is disabled.", "Leave it.", members=("id",)),
        Code("admin_enabled", 409, "The admin is not disabled.", "Leave it.", members=("id",)),
        Code(
            "admin_has_signed_in",
            409,
            "An invitation is only for who has never signed in.",
            "On the server, use `admin reset-factors`.",
        ),
        Code(
            "last_owner",
            409,
            "It is the last owner who can sign in.",
            "Make another one first.",
            members=("id",),
        ),
        Code(
            "owner_exists",
            409,
            "The first owner has been made.",
            "Use `admin invite`, or `admin reset-factors`.",
        ),
    ),
)

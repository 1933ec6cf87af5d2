"""Codes that any call can answer: who asks, what was sent, and what is wrong on our side."""

from payment_service.web.catalogue.code import Code, Group

EVERY_CALL = Group(
    "Every call",
    "Any call can answer these.",
    (
        Code("missing_key", 401, "There is no `Authorization: Bearer …`.", "Send the API key."),
        Code(
            "invalid_key",
            401,
            "The key is unknown, revoked, expired, or of another installation.",
            "Check the key and the environment it is for; the owner makes a new one in the "
            "dashboard or with `payment-service key create`.",
        ),
        Code(
            "too_many_bad_keys",
            429,
            "Over 10 keys in a minute that are not valid came from this address.",
            "Wait for `Retry-After`, and check the key.",
        ),
        Code(
            "rate_limited",
            429,
            "The key asks more often than the app's keys may; `limit` is how often in a second.",
            "Ask again after `Retry-After`, and more slowly.",
            members=("limit",),
        ),
        Code(
            "too_many_at_once",
            429,
            "The key has as many requests under way as one may have.",
            "Wait for their answers.",
            members=("limit",),
        ),
        Code(
            "overloaded",
            503,
            "More is asked of the service than it can do at once.",
            "Ask again after `Retry-After`.",
        ),
        Code(
            "took_too_long",
            503,
            "Answering took over 15 s and was broken off; it may be done all the same.",
            "Ask again, with the same idempotency key.",
        ),
        Code(
            "scope_missing",
            403,
            "The key may not do this.",
            "Use a key with the scope that is named.",
        ),
        Code(
            "https_required",
            403,
            "Plain http from another machine, which others can read.",
            "Use https.",
        ),
        Code("not_found", 404, "There is nothing at this address.", "Check the path."),
        Code(
            "method_not_allowed",
            405,
            "The address is not asked with this method; `Allow` names those it takes.",
            "Check the method.",
        ),
        Code("http_error", 400, "The request could not be read.", "Check how it is sent."),
        Code(
            "malformed_json",
            422,
            "The body is not JSON, or holds NaN or broken UTF-8.",
            "Send one JSON object.",
        ),
        Code(
            "duplicate_field",
            422,
            "A field stands twice in one object.",
            "Send it once.",
            members=("field",),
        ),
        Code(
            "body_not_taken",
            422,
            "A body came with a call that takes none.",
            "Send it without one.",
        ),
        Code(
            "body_encoding",
            415,
            "The body is compressed, or in another charset than UTF-8.",
            "Send it as it is, in UTF-8.",
        ),
        Code(
            "invalid_request",
            422,
            "Fields or parameters are missing, unknown, wrong, given twice or cannot be kept; "
            "`errors` names them.",
            "Correct them and send it again.",
            members=("errors",),
        ),
        Code(
            "headers_too_large",
            431,
            "Address and headers are over 32 KiB; the connection is closed.",
            "Send less.",
        ),
        Code(
            "request_timeout",
            408,
            "The request was not whole after 10 s; the connection is closed.",
            "Send it again.",
        ),
        Code("body_too_large", 413, "The body is over 64 KiB.", "Send less."),
        Code(
            "idempotency_key",
            422,
            "The key is empty, longer than 255 characters, not visible ASCII or holds a space; or "
            "two came with one request.",
            "Make another, and send it once.",
        ),
        Code(
            "idempotency_key_reused",
            422,
            "The key came with another request before.",
            "Make one key for each intention.",
        ),
        Code(
            "idempotency_key_in_use",
            409,
            "The first request with this key is still under way.",
            "Ask again after `Retry-After`.",
        ),
        Code(
            "too_many_streams",
            503,
            "Too many calls and pay pages wait for news at once.",
            "Ask without waiting, or after `Retry-After`.",
        ),
        Code(
            "too_many_open",
            429,
            "This key, this app or this pay link has as many calls waiting as one may have.",
            "Close one, or ask without waiting.",
            members=("limit",),
        ),
        Code("metadata_too_large", 422, "`metadata` is over 4 KiB.", "Store it on your side."),
        Code(
            "metadata_too_deep",
            422,
            "`metadata` is nested more than 20 levels deep.",
            "Make it flatter.",
        ),
        Code(
            "reason_missing",
            422,
            "What an admin does has a reason of 1 to 500 characters.",
            "Say why.",
        ),
        Code(
            "internal_error",
            500,
            "A fault of ours; it was logged.",
            "Ask again, with the same idempotency key; tell the operator.",
        ),
        Code(
            "database_busy", 503, "Others hold what this needs.", "Ask again after `Retry-After`."
        ),
        Code(
            "database_unreachable", 503, "The database is away.", "Ask again after `Retry-After`."
        ),
        Code("disk_full", 503, "There is no room to store anything.", "Tell the operator."),
        Code(
            "database_read_only",
            503,
            "The database can be read, and not written.",
            "Tell the operator.",
        ),
        Code("shutting_down", 503, "The service is stopping.", "Ask again in a moment."),
        Code(
            "not_ready",
            503,
            "The answer of `/healthz/ready` when the database does not answer.",
            "Wait.",
        ),
    ),
)

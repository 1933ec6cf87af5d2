"""The operations on an app's keys."""

from payment_service.resources import KeyResource, NewKeyResource
from payment_service.web.reference.operation import Operation, Operations, one, page_of

KEYS: Operations = {
    "GET /v1/keys": Operation(
        id="listKeys",
        scope="admin",
        answers={200: page_of(KeyResource, "A page of keys, the revoked and expired ones too.")},
        codes=("date_range",),
    ),
    "POST /v1/keys": Operation(
        id="createKey",
        scope="admin",
        answers={201: one(NewKeyResource, "The key, with its secret this once.")},
        codes=(
            "name_length",
            "key_scopes",
            "key_expiry",
            "metadata_too_large",
            "metadata_too_deep",
        ),
        body={"name": "staging server", "scopes": ["read"]},
    ),
    "GET /v1/keys/{key_id}": Operation(
        id="getKey",
        scope="admin",
        answers={200: one(KeyResource, "The key, without its secret.")},
    ),
    "POST /v1/keys/{key_id}/roll": Operation(
        id="rollKey",
        scope="admin",
        answers={201: one(NewKeyResource, "The new key, with its secret this once.")},
        codes=("key_overlap", "key_over"),
        body={"ends_in": 3600},
    ),
    "POST /v1/keys/{key_id}/revoke": Operation(
        id="revokeKey",
        scope="admin",
        answers={200: one(KeyResource, "The key, revoked.")},
    ),
}

"""What is made up is made to fit: ids of things that are there, and what the rules ask for.

Only what was made up as good is changed; what was made up as bad stays as bad as it is.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from schemathesis import Case
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import TestPhase

from tests.contract.shop import Names, Shop

Body = dict[str, Any]
PATH, QUERY, BODY = ParameterLocation.PATH, ParameterLocation.QUERY, ParameterLocation.BODY


def fit(shop: Shop, case: Case[Any]) -> None:
    """Mends the case in place, just before it is sent."""
    name = case.operation.definition.raw["operationId"]
    if name in NAMES and is_good(case, PATH):
        own = case.path_parameters and case.path_parameters.get("key_id") in shop.own_keys
        if own or not is_linked(case):
            case.path_parameters = NAMES[name](shop)
    if is_good(case, QUERY) and case.query:
        query = known(in_order(case.query))
        if "after" in case.query and shop.number() % 2 == 0:
            place = shop.cursor(case.operation.path.format(**(case.path_parameters or {})))
            query |= {} if place is None else {"after": place}
        case.query = query
    if is_good(case, BODY) and isinstance(case.body, dict):
        body = plain(case.body)
        if is_linked(case) and "periods" in body:
            body["periods"] = 1  # what is linked may be an invoice of its own
        case.body = BODIES[name](shop, body) if name in BODIES else body
    if case.headers and is_good(case, ParameterLocation.HEADER):
        key = next((one for one in case.headers if one.lower() == "idempotency-key"), None)
        if key:
            case.headers[key] = f"key-{shop.number()}"


def is_good(case: Case[Any], place: ParameterLocation) -> bool:
    return case.meta is not None and not case.meta.is_negative_at(place)


def is_linked(case: Case[Any]) -> bool:
    """Whether its path names what another request made."""
    return case.meta is not None and case.meta.phase.name is TestPhase.STATEFUL


def plain(value: Any, name: str = "") -> Any:
    """As our rules want JSON, which no schema can say: no NUL, no whole number with a point, and of
    what is only kept 4 KiB at most."""
    if isinstance(value, str):
        return value.replace("\0", "0")
    if isinstance(value, float) and value.is_integer():
        return int(value) if abs(value) < 2**53 else 1
    if isinstance(value, list):
        return [plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    made = {key.replace("\0", "0"): plain(inner, key) for key, inner in value.items()}
    if name in ("metadata", "features") and not is_small(made):
        return {"kept": "short"}
    return made


def is_small(value: dict[str, Any]) -> bool:
    return depth(value) <= 20 and len(msgspec.json.encode(value)) <= 4096


def depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value
    if not isinstance(value, dict | list):
        return 0
    return 1 + max((depth(one) for one in inner), default=0)


def in_order(query: dict[str, Any]) -> dict[str, Any]:
    """Days of our time, and no span of them that ends before it begins."""
    made = dict(query)
    for name in query:
        if name.endswith(("_from", "_to")):
            # A leap day that was made up is none of that year.
            made[name] = ("2026" + str(query[name])[4:]).replace("-02-29", "-02-28")
    for name in query:
        first, last = made[name], made.get(name.replace("_from", "_to"))
        if name.endswith("_from") and last is not None and first > last:
            made[name] = last
    return made


def known(query: dict[str, Any]) -> dict[str, Any]:
    """Types of events that there are, no place that nothing has, and no wait for what will not
    come."""
    made = {name: value for name, value in query.items() if name != "after"}
    if "types" in made:
        made["types"] = "subscription.created,invoice.issued"
    if "wait" in made:
        made["wait"] = 0
    return made


def priced(body: Body) -> Body:
    """No price that QRIS cannot take, and none ahead that is not above it."""
    made = dict(body)
    if isinstance(made.get("price"), int) and 0 < made["price"] < 500:
        made["price"] += 500
    if made.get("prices_ahead"):
        made["price"], made["months"] = 99_000, 1
        made["prices_ahead"] = {"12": 990_000}
    return made


def new_plan(shop: Shop, body: Body) -> Body:
    return {**priced(body), "code": f"{body['code'][:30]}-{shop.number()}"}


def edited_plan(_: Shop, body: Body) -> Body:
    made = {name: value for name, value in priced(body).items() if name != "months"}
    if made.get("price") == 0:
        made["price"] = 500
    if made.get("prices_ahead"):
        made["prices_ahead"] = {}  # what is linked may last too long to be paid ahead
    if made.get("move_subscribers") and not made.get("reason"):
        made["reason"] = "dearer coffee"
    return made


def new_subscription(shop: Shop, body: Body) -> Body:
    customer = {**body["customer"], "reference": f"made-{shop.number()}"}
    made = {**body, "customer": customer, "plan": "bulanan"}
    made.pop("return_url", None)
    return made


def new_invoice(shop: Shop, body: Body) -> Body:
    lines = [{**line, "amount": 1_000 + place} for place, line in enumerate(body["lines"])]
    customer = {**body["customer"], "reference": f"made-{shop.number()}"}
    made = {**body, "customer": customer, "lines": lines}
    if made.get("due_on") is not None:
        made["due_on"] = shop.in_days(30)
    return made


def refund(shop: Shop, body: Body) -> Body:
    return {**body, "amount": 1 + body["amount"] % 10_000, "reference": f"r-{shop.number()}"}


def moved(shop: Shop, body: Body) -> Body:
    """To another day each time."""
    return {**body, "paid_through": shop.in_days(90 + shop.number() % 900)}


def marked(shop: Shop, body: Body) -> Body:
    made = {**body, "reference": f"r-{shop.number()}"}
    made.pop("paid_on", None)
    return made


def new_key(shop: Shop, body: Body) -> Body:
    made = dict(body)
    if made.get("scopes"):
        made["scopes"] = sorted(set(made["scopes"]))
    if made.get("expires_at"):
        made["expires_at"] = f"{shop.in_days(30)}T00:00:00Z"
    return made


def edited_app(_: Shop, body: Body) -> Body:
    made = {name: value for name, value in body.items() if name not in ("zone", "invoice_prefix")}
    if made.get("return_origins"):
        made["return_origins"] = ["https://bukubengkel.example.com"]
    return made


def edited_subscription(_: Shop, body: Body) -> Body:
    return {**body, "return_url": None} if "return_url" in body else body


def new_endpoint(shop: Shop, body: Body) -> Body:
    shop.make_room()
    return with_url(shop, body)


def with_url(shop: Shop, body: Body) -> Body:
    if body.get("url") is None:
        return body
    return {**body, "url": f"https://hooks.example.com/{shop.number()}"}


def resent(_: Shop, body: Body) -> Body:
    return {"since": "2026-11-20T00:00:00Z"} if body.get("since") else {"failed": True}


BODIES: dict[str, Callable[[Shop, Body], Body]] = {
    "createPlan": new_plan,
    "updatePlan": edited_plan,
    "createSubscription": new_subscription,
    "changePlan": lambda _, body: {**body, "plan": "tahunan"},
    "moveSubscription": moved,
    "createInvoice": new_invoice,
    "refundCredit": refund,
    "markInvoicePaid": marked,
    "createCustomer": lambda shop, body: {**body, "reference": f"made-{shop.number()}"},
    "updateSubscription": edited_subscription,
    "createKey": new_key,
    "updateApp": edited_app,
    "createWebhookEndpoint": new_endpoint,
    "updateWebhookEndpoint": with_url,
    "resendToWebhookEndpoint": resent,
    "advanceClock": lambda shop, body: {**body, "advance_to": shop.today},
}

NAMES: dict[str, Callable[[Shop], Names]] = {
    "getPlan": lambda shop: shop.kept(shop.plan),
    "updatePlan": Shop.plan,
    "getCustomer": lambda shop: shop.kept(shop.customer),
    "updateCustomer": lambda shop: shop.kept(shop.customer),
    "getCredit": lambda shop: shop.kept(shop.creditor),
    "refundCredit": lambda shop: shop.kept(shop.creditor),
    "forgetCustomer": Shop.customer,
    "getSubscription": lambda shop: shop.kept(shop.subscription),
    "updateSubscription": lambda shop: shop.kept(shop.subscription),
    "getAccessPass": lambda shop: shop.kept(shop.subscription),
    "cancelSubscription": Shop.subscription,
    "undoCancellation": Shop.told_to_end,
    "changePlan": Shop.subscription,
    "payAhead": lambda shop: shop.kept(shop.subscription),
    "suspendSubscription": Shop.on_trial,
    "resumeSubscription": Shop.suspended,
    "extendSubscription": Shop.on_trial,
    "moveSubscription": lambda shop: shop.kept(shop.on_trial),
    "getInvoice": lambda shop: shop.kept(shop.invoice),
    "updateInvoice": lambda shop: shop.kept(shop.invoice),
    "listChargesOfInvoice": lambda shop: shop.kept(shop.invoice),
    "listPaymentsOfInvoice": lambda shop: shop.kept(shop.invoice),
    "getCharge": lambda shop: shop.kept(shop.charge),
    "getPayment": lambda shop: shop.kept(shop.payment),
    "getKey": lambda shop: shop.kept(shop.key),
    "rollKey": Shop.key,
    "revokeKey": Shop.key,
    "getQrisCode": lambda shop: shop.kept(shop.first_invoice),
    "markInvoicePaid": Shop.invoice,
    "voidInvoice": Shop.invoice,
    "getEvent": lambda shop: shop.kept(shop.event),
    "getWebhookEndpoint": lambda shop: shop.kept(shop.endpoint),
    "updateWebhookEndpoint": Shop.endpoint,
    "deleteWebhookEndpoint": Shop.endpoint,
    "rollWebhookSecret": Shop.endpoint,
    "testWebhookEndpoint": lambda shop: shop.kept(shop.endpoint),
    "resendToWebhookEndpoint": Shop.endpoint,
    "listDeliveries": lambda shop: shop.kept(shop.endpoint),
    "getDelivery": lambda shop: shop.kept(shop.delivery),
    "resendDelivery": lambda shop: shop.kept(shop.delivery),
    "setPayer": lambda shop: shop.kept(shop.subscription),
    "payInvoice": Shop.first_invoice,
    "getTimeline": lambda shop: shop.kept(shop.subscription),
}
"""What the path of each operation names."""

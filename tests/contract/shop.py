"""A shop with customers: things in the state that an operation needs them in, made by the API."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import count
from typing import Any

import msgspec
from urllib3 import connection_from_url

Names = dict[str, str]
"""The parameters of a path."""


class Shop:
    """What is made here is made for one request, so that no request spoils another's."""

    def __init__(self, origin: str, key: str) -> None:
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._http = connection_from_url(origin, timeout=30, retries=False)
        self._numbers = count(1)
        self._kept: dict[str, Names] = {}
        self.own_keys = {key["id"] for key in self.asks("GET", "/v1/keys")["data"]}
        """Without which nothing could be asked any more."""

    def number(self) -> int:
        """Another each time."""
        return next(self._numbers)

    def asks(self, method: str, path: str, body: Any = None) -> Any:
        written = None if body is None else msgspec.json.encode(body)
        answer = self._http.request(method, path, body=written, headers=self._headers)
        assert answer.status < 300, (method, path, body, answer.data)
        return msgspec.json.decode(answer.data) if answer.data else None

    def plan(self) -> Names:
        number = self.number()
        body = {"code": f"plan-{number}", "name": "Bulanan", "price": 99_000, "months": 1}
        return {"plan_id": self.asks("POST", "/v1/plans", body)["id"]}

    def subscription(self) -> Names:
        return {"subscription_id": self.subscribed("bulanan")["id"]}

    def first_invoice(self) -> Names:
        return {"invoice_id": self.subscribed("bulanan")["open_invoice"]["id"]}

    def subscribed(self, plan: str) -> Any:
        body = {"customer": {"reference": f"shop-{self.number()}", "name": "Sari"}, "plan": plan}
        return self.asks("POST", "/v1/subscriptions", body)

    def on_trial(self) -> Names:
        return {"subscription_id": self.subscribed("coba")["id"]}

    def told_to_end(self) -> Names:
        return self.after("cancel", self.on_trial())

    def suspended(self) -> Names:
        return self.after("suspend", self.on_trial(), {"reason": "abuse"})

    def after(self, deed: str, names: Names, body: Any = None) -> Names:
        self.asks("POST", f"/v1/subscriptions/{names['subscription_id']}/{deed}", body)
        return names

    def invoice(self, amount: int = 50_000) -> Names:
        return {"invoice_id": self.issued(amount)["id"]}

    def issued(self, amount: int) -> Any:
        body = {
            "customer": {"reference": f"shop-{self.number()}"},
            "lines": [{"description": "Alat", "amount": amount}],
        }
        return self.asks("POST", "/v1/invoices", body)

    def charge(self) -> Names:
        names = self.first_invoice()
        code = self.asks("POST", f"/v1/invoices/{names['invoice_id']}/qris")
        return {"charge_id": code["charge_id"]}

    def payment(self) -> Names:
        path = f"/v1/invoices/{self.issued(50_000)['id']}/mark-paid"
        body = {"reference": f"r-{self.number()}", "note": "cash"}
        return {"payment_id": self.asks("POST", path, body)["id"]}

    def key(self) -> Names:
        return {"key_id": self.asks("POST", "/v1/keys", {"name": "till"})["id"]}

    def event(self) -> Names:
        self.issued(50_000)
        return {"event_id": self.asks("GET", "/v1/events?limit=1")["data"][0]["id"]}

    def endpoint(self) -> Names:
        """Nothing is sent there: no worker runs."""
        self.make_room()
        body = {"url": f"https://hooks.example.com/{self.number()}"}
        return {"endpoint_id": self.asks("POST", "/v1/webhook-endpoints", body)["id"]}

    def make_room(self) -> None:
        """An app has so many endpoints at most."""
        for endpoint in self.asks("GET", "/v1/webhook-endpoints?limit=100")["data"][8:]:
            if {"endpoint_id": endpoint["id"]} != self._kept.get("endpoint"):
                self.asks("DELETE", f"/v1/webhook-endpoints/{endpoint['id']}")

    def delivery(self) -> Names:
        path = f"/v1/webhook-endpoints/{self.kept(self.endpoint)['endpoint_id']}/test"
        return {"delivery_id": self.asks("POST", path)["id"]}

    def customer(self) -> Names:
        return {"customer_id": self.issued(50_000)["customer_id"]}

    def creditor(self) -> Names:
        """A customer who paid for what was void by then."""
        invoice = self.issued(10_000_000)
        path = f"/v1/invoices/{invoice['id']}"
        self.asks("POST", f"{path}/void", {"reason": "mistake"})
        self.asks("POST", f"{path}/mark-paid", {"reference": f"r-{self.number()}", "note": "cash"})
        return {"customer_id": invoice["customer_id"]}

    def cursor(self, path: str) -> str | int | None:
        """A place in that list, as an app has it from the page before."""
        try:
            page = self.asks("GET", f"{path}?limit=1")
        except AssertionError:
            return None  # what is linked may be gone by now
        shown = page.get("data") or page.get("entries")
        if page["next_after"] is not None:
            return page["next_after"]  # type: ignore[no-any-return]
        return shown[-1]["id"] if shown else None

    def kept(self, make: Callable[[], Names]) -> Names:
        """The same one for all requests that leave it as it is."""
        name = make.__name__
        if name not in self._kept:
            self._kept[name] = make()
        return self._kept[name]

    @property
    def today(self) -> str:
        """On the clock of a test app; a live one has none."""
        try:
            return str(self.asks("GET", "/v1/test/clock")["clock"]["today"])
        except AssertionError:
            return self.in_days(1)

    def in_days(self, days: int) -> str:
        return (date.today() + timedelta(days=days)).isoformat()  # noqa: DTZ011 - any day will do

"""One view of each state of the pay page, as the routes would fill it."""

from datetime import UTC, date, datetime, timedelta
from typing import get_args

import msgspec

from payment_service.kit.money import Language
from payment_service.web.pages.pay_view import PayAhead, PayState, PayView
from payment_service.web.pages.render import page

STATES: tuple[PayState, ...] = get_args(PayState)
LANGUAGES: tuple[Language, ...] = get_args(Language)
NOW = datetime(2026, 11, 25, 7, 32, 28, tzinfo=UTC)
PAYLOAD = (
    "00020101021226610016ID.CO.SHOPEE.WWW01189360091800216005230208216005230303UME51440014"
    "ID.CO.QRIS.WWW0215ID10243228429300303UME5204792953033605409100003.005802ID5907Pakasir"
    "6012KAB. KEBUMEN61055439262230519SP25RZRATEQI2HQ65Q46304A079"
)

LADDER = (
    PayAhead(periods=1, months=1, amount=99_000, saving=0, paid_through=date(2027, 1, 22)),
    PayAhead(periods=3, months=3, amount=279_000, saving=18_000, paid_through=date(2027, 3, 22)),
    PayAhead(periods=6, months=6, amount=539_000, saving=55_000, paid_through=date(2027, 6, 22)),
    PayAhead(
        periods=12, months=12, amount=990_000, saving=198_000, paid_through=date(2027, 12, 22)
    ),
)

WAITING = PayView(
    state="waiting",
    version="chg_1:waiting",
    language="id",
    now=NOW,
    zone="Asia/Jakarta",
    app_name="BukuBengkel",
    app_monogram="BB",
    app_color="#27439b",
    customer_name="Bengkel Jaya Motor",
    plan_name="Paket Bulanan",
    period_start=date(2026, 11, 23),
    period_end=date(2026, 12, 22),
    invoice_number="BB-2026-000412",
    due_on=date(2026, 11, 29),
    amount=99_000,
    total_payment=99_000,
    receiver="Pakasir",
    qr_url="/pay/t/qr.svg?code=chg_1",
    picture_url="/pay/t/picture.png?code=chg_1&lang=id",
    expires_at=NOW + timedelta(minutes=14, seconds=32),
    access=True,
    page_url="/pay/t",
    status_url="/pay/t/status",
    code_url="/pay/t/code",
    check_url="/pay/t/check",
    return_url="https://bukubengkel.id/akun",
    return_host="bukubengkel.id",
    help_url="https://wa.me/620000000000",
    other_language_url="/pay/t?language=en",
)

NO_CODE: dict[str, object] = {"total_payment": None, "receiver": None, "expires_at": None}
OF_STATE: dict[PayState, dict[str, object]] = {
    "waiting": {},
    "checking": {"notice_at": NOW, "waiting_url": "/pay/t?show=code"},
    "paid": {
        "paid_at": NOW + timedelta(minutes=1),
        "paid_through": date(2026, 12, 22),
        "method": "qris",
        "receipt_number": "BB-2026-000412-K",
        "receipt_url": "/pay/t/receipt",
        "receipt_pdf_url": "/pay/t/receipt.pdf",
    },
    "in_review": {"review_amount": 90_000, "review_at": NOW},
    "expired": {"total_payment": None, "now": NOW + timedelta(minutes=15)},
    "no_code": NO_CODE,
    "gateway_silent": NO_CODE,
    "void": NO_CODE,
    "nothing_due": {
        **NO_CODE,
        "paid_through": date(2026, 12, 22),
        "next_invoice_on": date(2026, 12, 15),
        "history_url": "/pay/t/history",
        "pay_ahead": LADDER,
        "invoice_number": None,
        "return_url": None,
        "return_host": None,
    },
}


def view_of(state: PayState, language: Language = "id", **changes: object) -> PayView:
    """The page of that state, with further fields changed."""
    fields: dict[str, object] = {
        "state": state,
        "language": language,
        "version": f"chg_1:{state}",
        "other_language_url": f"/pay/t?language={'id' if language == 'en' else 'en'}",
        **OF_STATE[state],
        **changes,
    }
    return msgspec.structs.replace(WAITING, **fields)


def rendered(view: PayView) -> str:
    return page("pay.html", view.language, view=view).decode()

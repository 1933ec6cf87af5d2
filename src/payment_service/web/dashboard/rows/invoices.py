"""Invoices and payments, their papers, reviews, files and money checks."""

from payment_service.web.dashboard.guard_row import Guard
from payment_service.web.dashboard.invoices import (
    bill,
    bill_deeds,
    bills,
    checks,
    exports,
    mark_paid,
    money,
    one_payment,
    paper,
    review_deeds,
)

ROWS: tuple[Guard, ...] = (
    Guard("GET", "/invoices", "viewer", bills.show_bills),
    Guard("GET", "/invoices/{id}", "viewer", bill.show_bill),
    Guard("GET", "/invoices/{id}/print", "viewer", paper.show_print),
    Guard("GET", "/invoices/{id}/pdf", "viewer", paper.give_pdf),
    Guard("POST", "/invoices/{id}/code", "finance", bill_deeds.new_code, page=bill.show_bill),
    Guard("GET", "/invoices/{id}/mark-paid", "finance", mark_paid.show_mark_paid),
    Guard(
        "POST", "/invoices/{id}/mark-paid", "finance", mark_paid.mark, True,
        mark_paid.show_mark_paid,
    ),
    Guard("POST", "/invoices/{id}/void", "finance", bill_deeds.void, True, bill.show_bill),
    Guard("POST", "/invoices/{id}/period", "finance", bill_deeds.period, True, bill.show_bill),
    Guard("GET", "/payments", "viewer", money.show_money),
    Guard("GET", "/payments/{id}", "viewer", one_payment.show_payment),
    *(
        Guard("POST", f"/payments/{{id}}/{deed}", "finance", handler, True,
              one_payment.show_payment)
        for deed, handler in review_deeds.DEEDS.items()
    ),
    Guard("GET", "/money", "viewer", checks.show_checks),
    Guard("POST", "/money/check", "finance", checks.begin_check, page=checks.show_checks),
    *(
        Guard("GET", f"/{kind}.csv", "finance", exports.show_export, True)
        for kind in exports.ROWS
    ),
    *(
        Guard("POST", f"/{kind}.csv", "finance", exports.export, True, exports.show_export)
        for kind in exports.ROWS
    ),
)  # fmt: skip

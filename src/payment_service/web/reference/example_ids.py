"""The ids, links and instants that all examples share: one tenant, one story."""

from datetime import UTC, datetime

APP_ID = "app_01m82kmr3z8d5w2c7jh4ntq9vx"
ORIGIN = "https://bayar.example.com"
PLAN_ID = "plan_01m82kms41ffq0fbemxhhnfz2q"
CUSTOMER_ID = "cus_01m82kms56vbggps7845ffx2k3"
SUBSCRIPTION_ID = "sub_01m82kms56cdhfhe4gfh0xh5bf"
INVOICE_ID = "inv_01m82kms56w1ghptqjjyysd2ya"
CHARGE_ID = "chg_01m82kms6zs0wfdfd90fcqhy9w"
PAYMENT_ID = "pay_01m82nf5h0c3v9k7twhq5e2rzd"
UPGRADE_ID = "inv_01m8g2vt0rk4a9d6ez7cxw3b1n"
CREDIT_ID = "crd_01m8hq7z5x2p0j9svn4tkd6f3a"
EVENT_ID = "evt_01m82nf5h2r8w3k0d6xj9qzc4t"
ENDPOINT_ID = "ep_01m82kmrz8e5v1c7n0y2g4k6wp"
DELIVERY_ID = "dlv_01m82nf5h3s9x4m1e7yk0rad5v"
BEGUN = datetime(2026, 11, 22, 21, 47, 22, 662390, UTC)
PAID = datetime(2026, 11, 22, 22, 1, 9, 518204, UTC)
PAY_URL = f"{ORIGIN}/pay/bh53p49afj33ca92za0ehw93ma"
INVOICE_URL = f"{ORIGIN}/pay/w8w7g0vh554g417hrdkzwzejd5"
KEY_ID = "key_01m82nkq3rw0t6y8c1zhf4vbx9"
EXAMPLE_OF = {
    one.partition("_")[0]: one
    for one in (
        PLAN_ID,
        CUSTOMER_ID,
        SUBSCRIPTION_ID,
        INVOICE_ID,
        CHARGE_ID,
        PAYMENT_ID,
        CREDIT_ID,
        EVENT_ID,
        ENDPOINT_ID,
        DELIVERY_ID,
        KEY_ID,
    )
}
"""By the prefix that says of what it is."""

"""The tables of the app's own database."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS tenants (
    id TEXT PRIMARY KEY, workshop TEXT NOT NULL, owner TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS sessions (
    token_hash TEXT PRIMARY KEY, tenant TEXT NOT NULL REFERENCES tenants
);
CREATE TABLE IF NOT EXISTS jobs (
    id INTEGER PRIMARY KEY, tenant TEXT NOT NULL REFERENCES tenants,
    plate TEXT NOT NULL, task TEXT NOT NULL, done INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS jobs_by_tenant ON jobs (tenant, id);

-- `body` is the subscription as Payment Service sent it last.
CREATE TABLE IF NOT EXISTS subscriptions (
    id TEXT PRIMARY KEY, tenant TEXT NOT NULL REFERENCES tenants,
    seq INTEGER NOT NULL, access INTEGER NOT NULL, body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS subscriptions_by_tenant ON subscriptions (tenant);

CREATE TABLE IF NOT EXISTS codes (
    tenant TEXT PRIMARY KEY REFERENCES tenants,
    invoice TEXT NOT NULL, number TEXT NOT NULL, qr_string TEXT NOT NULL,
    amount INTEGER NOT NULL, fee INTEGER NOT NULL, total INTEGER NOT NULL,
    expires_at TEXT NOT NULL, pay_url TEXT NOT NULL
);

-- The ids of webhooks that were acted upon: each arrives at least once.
CREATE TABLE IF NOT EXISTS heard (event_id TEXT PRIMARY KEY, at TEXT NOT NULL);
"""

"""`payment-service doctor`: everything that a start, a payer or an app may stumble over."""

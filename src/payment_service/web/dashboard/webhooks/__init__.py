"""Pages about webhooks: what was sent where, what came back, and sending it again."""

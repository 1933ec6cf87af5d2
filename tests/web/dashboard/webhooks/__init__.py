"""The pages about webhooks, and alert channels."""

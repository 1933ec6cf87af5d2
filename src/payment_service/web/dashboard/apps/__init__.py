"""The pages of apps: registering, setting up, how each looks, its keys and endpoints."""

"""The whole route in a real Chromium, every party a process of its own."""

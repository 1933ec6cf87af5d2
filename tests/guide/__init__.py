"""The integration guide, followed as it is written: every command typed, every snippet run."""

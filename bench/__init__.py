"""The benchmark: one server process on one core, driven from another; README.md says how."""

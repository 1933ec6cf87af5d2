"""Payment Service: the billing engine of a small software house, paid by QRIS."""

__version__ = "0.1.0"

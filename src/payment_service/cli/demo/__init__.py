"""`payment-service demo`: service, gateway and tenant app on this machine, playing together."""

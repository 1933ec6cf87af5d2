"""BukuBengkel: workshop software that sells its subscriptions through Payment Service."""

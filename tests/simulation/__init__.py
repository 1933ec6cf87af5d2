"""The life of subscriptions at random, against what must hold whatever happens."""

"""The nouns of billing: table, frozen record, rules and named queries together, a file each."""

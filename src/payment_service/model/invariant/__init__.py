"""What must hold in the database whatever happened, each by a name, and searches for breaches."""

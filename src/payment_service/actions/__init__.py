"""What the service does: one deed a file, named by a verb."""

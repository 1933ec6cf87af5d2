"""The rows of the dashboard's table, by what they are about."""

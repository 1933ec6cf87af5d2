"""Customers: their list, the page of each, and what an admin does with one."""

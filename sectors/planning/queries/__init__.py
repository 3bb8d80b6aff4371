"""The questions of the officer's desk. Each stays within the organisations whose staff she may enrol."""

"""The command line: one call to a query or a command a verb."""

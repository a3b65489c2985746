"""The pages: one call to a query or a command a view."""

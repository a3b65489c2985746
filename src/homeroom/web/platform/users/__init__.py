"""Pages of the users of a district, and of one's own sessions."""

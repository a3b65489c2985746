"""Districts, the users who sign in, and the one place where every query is scoped to a district."""

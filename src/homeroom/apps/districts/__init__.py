"""Districts, the people who sign in, and the one place where every query is scoped."""

"""Announcing work on the page: a form as an entry, what it would cover, and what is announced."""

"""Erasing people: from evidence, from the state database, and from all that was made of them."""

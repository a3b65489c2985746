"""Requests of parents and eligible students, from the letter to the answer."""

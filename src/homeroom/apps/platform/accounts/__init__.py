"""Accounts of those who sign in: their sessions, and passphrases that must be changed."""

"""Signing in: hashing, known devices, the steps of a sign-in and its session."""

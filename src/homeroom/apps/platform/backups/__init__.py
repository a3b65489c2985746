"""Backups: making, verifying and restoring them, and moving the state to another database."""

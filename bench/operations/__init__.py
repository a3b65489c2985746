"""Benchmarks of what an operator does: backups and restores."""

"""Benchmarks of what a service center with many districts does."""

"""Benchmarks of detection by rules."""

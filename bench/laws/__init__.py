"""Benchmarks of laws and their clocks."""

"""Benchmarks of twenty people at work on the pages of a large district."""

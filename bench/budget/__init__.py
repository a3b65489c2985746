"""Benchmarks of the budget: refresh plans of large fleets."""

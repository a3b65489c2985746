"""Benchmarks of rollouts: plans of a school year, small problems, and class time."""

"""Monitoring: what is measured of the installation when an operator asks: jobs, loads, syncs, sizes, ages."""

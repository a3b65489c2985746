"""Benchmarks of awareness: simulated phishing drills, and a drill log of a million events."""

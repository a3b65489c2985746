"""Estimates: effects of starts, and breakage of devices."""

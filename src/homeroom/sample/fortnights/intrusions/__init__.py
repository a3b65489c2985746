"""Intrusions, each in several stages."""

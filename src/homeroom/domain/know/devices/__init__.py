"""Devices as words name them: their kinds, and the labels that people scan or type."""

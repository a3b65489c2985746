"""Ordinary events that look like an intrusion."""

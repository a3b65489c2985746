"""Acceptances of findings: commands and queries."""

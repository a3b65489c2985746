"""Suppressions of vulnerabilities: commands, queries and preview."""

"""Suppressions of vulnerabilities: what they would cover, and creating them."""

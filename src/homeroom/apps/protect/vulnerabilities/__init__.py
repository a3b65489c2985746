"""Vulnerabilities: which ones affect which devices, what fixes them, and suppressions."""

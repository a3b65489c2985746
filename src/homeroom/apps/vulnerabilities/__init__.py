"""Vulnerabilities: which flaws are where, what closes them, and what somebody decided about them."""

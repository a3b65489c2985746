"""Qualys: hosts and the vulnerabilities detected on them, from CSV and XML asset reports."""

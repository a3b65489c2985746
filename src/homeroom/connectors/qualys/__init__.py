"""Qualys: hosts and what its scans detected on them, as CSV and as XML asset reports."""

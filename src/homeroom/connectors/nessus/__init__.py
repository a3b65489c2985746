"""Nessus: hosts, their vulnerabilities and responding ports, from a report in its own form (.nessus)."""

"""Prowler: verdicts on each resource of a cloud account, from CSV and OCSF JSON."""

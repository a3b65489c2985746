"""Prowler: what it concluded about each resource of a cloud account, as CSV and as OCSF JSON."""

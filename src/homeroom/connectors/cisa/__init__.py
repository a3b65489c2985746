"""CISA: the catalog of known exploited vulnerabilities (KEV)."""

"""CISA: the catalogue of flaws that are known to be exploited (KEV)."""

"""The log of disclosures of education records (34 CFR 99.32)."""

"""Judges a tenant's settings documents by the policies of a baseline: org unit by org unit, with inheritance."""

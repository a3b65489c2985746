"""Evaluation of a tenant's settings by the policies of a baseline: org unit by org unit, with inheritance."""

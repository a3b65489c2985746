"""Frameworks: the district's compliance with each, attestations, and exports."""

"""EPSS: how likely each flaw is to be used within thirty days."""

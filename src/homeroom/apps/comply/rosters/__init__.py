"""Roster exports: check a vendor's bundle, write one for a learning platform, compare two."""

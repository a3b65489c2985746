"""Scans of files for loose student data."""

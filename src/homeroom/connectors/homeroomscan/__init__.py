"""Scans for loose student data: what `homeroom scan` writes down about each document, without any value."""

"""Loose student data: documents as parts, recognizers, and what a scan finds."""

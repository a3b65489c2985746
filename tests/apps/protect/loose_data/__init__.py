"""Scans for loose student data through the program itself."""

"""Strict reading of CSV files."""

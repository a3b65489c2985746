"""Homeroom's own records: what staff completed and signed here."""

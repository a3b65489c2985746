"""Formats of numbers and dates, by language (Django's setting FORMAT_MODULE_PATH)."""

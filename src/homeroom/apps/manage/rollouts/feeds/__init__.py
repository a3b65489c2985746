"""Calendars of visits behind secret addresses."""
